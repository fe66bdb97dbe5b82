"""PDF: text page by page, with the outline's headings; what nobody can see is left out and told of."""

from collections.abc import Iterator
from contextlib import closing

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.clean import clean
from kosha.ingestion.parsers.paragraphs import unwrap
from kosha.ingestion.parsers.pdf_comments import comments_of
from kosha.ingestion.parsers.pdf_hidden import PageLook, look_at
from kosha.ingestion.parsers.pdf_lines import Words, lines_of
from kosha.ingestion.parsers.pdf_outline import Outline
from kosha.ingestion.parsers.pdf_scan import drawn, is_picture
from kosha.ingestion.parsers.recognition import Recognition
from kosha.ingestion.parsers.source import Notes, Source, agree, numbered
from kosha.ingestion.parsers.untyped_pdf import Document, PdfiumError, pdfium, raw
from kosha.model.section import Section

_END_MARK_BYTES = 2048
_NOTABLE_PICTURE = 0.03  # of the page; a logo is smaller
_FORM_XFA = (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by page, and within a page by the headings of the outline that stand on it.

    Raises Rejected for a password, a file that cannot be opened or whose pages all fail, and for too many pages.
    """
    with closing(_opened(source)) as document:
        notes.pages = len(document)
        if notes.pages > source.limits.pages:
            raise TooLarge(
                f"{source.file_name!r} has {notes.pages} pages; the limit is {source.limits.pages}. "
                "Split it and upload the parts."
            )
        _tell_of_the_file(source, document, notes)
        reader = _Reader(source, document, notes)
        for number in range(1, notes.pages + 1):
            yield from reader.page(number)
        reader.tell(source, notes)


def _opened(source: Source) -> Document:
    try:
        return pdfium.PdfDocument(source.content)
    except PdfiumError as error:
        if getattr(error, "err_code", 0) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Rejected(
                f"{source.file_name!r} is protected by a password. Remove the protection and upload it again."
            ) from error
        raise Rejected(
            f"{source.file_name!r} cannot be opened as a PDF: it is damaged or cut off. "
            "Open it in a PDF reader, save or print it as a new PDF, and upload that."
        ) from error


def _tell_of_the_file(source: Source, document: Document, notes: Notes) -> None:
    with source.open() as file:
        file.seek(max(0, source.size_bytes - _END_MARK_BYTES))
        if b"%%EOF" not in file.read():
            notes.warn("The file has no end mark, so it may be cut off; what could be read of it was read.")
    if raw.FPDF_GetSecurityHandlerRevision(document) >= 0 and not raw.FPDF_GetDocPermissions(document) & 0x10:
        notes.warn("The author of this PDF restricts copying its text; it was read for search and citation only.")
    attachments = raw.FPDFDoc_GetAttachmentCount(document)
    if attachments > 0:
        notes.warn(f"Files attached inside the PDF were not read ({attachments}); upload them on their own.")
    for name, words in document.get_metadata_dict().items():
        notes.hidden.add_usual("the file's properties", f"{name}: {words}")
    form = document.get_formtype()
    if form in _FORM_XFA:
        notes.warn(
            "The PDF holds an XFA form; only its printed text was read. Print it to a new PDF to keep all fields."
        )
    if form != raw.FORMTYPE_NONE:
        document.init_forms()


class _Reader:
    """Reads the pages in turn and remembers what to tell at the end."""

    def __init__(self, source: Source, document: Document, notes: Notes) -> None:
        self._document = document
        self._notes = notes
        self._has_form = document.get_formtype() != raw.FORMTYPE_NONE
        self._outline = Outline(document)
        self._words = Words()
        self._failed: list[int] = []
        self._recognition = Recognition(source)
        self._scanned: list[int] = []
        self._has_words = False
        self._empty: list[int] = []
        self._pictures: list[int] = []

    def page(self, number: int) -> Iterator[Section]:
        """The sections of a page, from 1; none where it has no text or cannot be loaded."""
        try:
            text, look, is_recognised = self._text(number)
        except PdfiumError:
            self._failed.append(number)
            return
        for how, words in look.hidden.items():
            self._notes.hidden.add(how, words, f"page {number}")
        if look.is_scan and not is_recognised:
            self._scanned.append(number)
        elif look.picture_share > _NOTABLE_PICTURE and not is_recognised:
            self._pictures.append(number)
        self._has_words = self._has_words or any(map(str.isalnum, text))
        if not text.strip() and not is_recognised:
            self._empty.append(number)
        for heading, part in self._outline.parts(number, text):
            yield Section(part, page=number, heading=heading)

    def _text(self, number: int) -> tuple[str, PageLook, bool]:
        """The page's text and look, and whether it had to be recognised."""
        page = self._document[number - 1]
        try:
            comments = comments_of(page)
            if self._has_form and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS:
                page.close()
                page = self._document[number - 1]
            look = look_at(page)
            textpage = page.get_textpage()
            try:
                lines = textpage.get_text_range()
            finally:
                textpage.close()
            text = clean("\n".join(unwrap(lines_of(lines, self._words))))
            is_recognised = is_picture(page, text, look, has_comments=bool(comments))
            if is_recognised:
                text = self._recognition.text(number, lambda: drawn(page)) or text
        finally:
            page.close()
        return "\n\n".join([text, *comments]), look, is_recognised

    def tell(self, source: Source, notes: Notes) -> None:
        """Note what was not read. Raises Rejected when that is everything."""
        pages = notes.pages or 0
        if pages and len(self._failed) == pages:
            raise Rejected(
                f"None of the {pages} pages of {source.file_name!r} can be loaded: the file is damaged. "
                "Open it in a PDF reader, print it to a new PDF, and upload that."
            )
        if self._failed:
            verb = agree(len(self._failed), "could not be loaded and is", "could not be loaded and are")
            notes.warn(f"{numbered('Page', self._failed)} {verb} not searchable.")
        if not self._has_words and self._recognition.skipped:
            self._recognition.reject()
        self._recognition.tell(notes)
        if self._empty:
            notes.warn(f"{numbered('Page', self._empty)} {agree(len(self._empty), 'is', 'are')} empty.")
        if self._scanned:
            notes.warn(
                f"{numbered('Page', self._scanned)}: scanned; the text that the scanner recognised was read, "
                "mistakes included."
            )
        if self._pictures:
            notes.warn(f"{numbered('Page', self._pictures)}: text inside pictures is not searchable.")
