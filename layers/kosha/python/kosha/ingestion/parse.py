"""Reading a file: which kinds are taken, which reader reads them, and what all readers share."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from kosha.errors import Rejected, TooLarge, UnsupportedType
from kosha.ingestion.languages import language_of
from kosha.ingestion.parsers import label
from kosha.ingestion.parsers.ocr import Ocr
from kosha.ingestion.parsers.parts import parts_of
from kosha.ingestion.parsers.seen import Inspection
from kosha.ingestion.parsers.source import Notes, Source, extension_of
from kosha.model.section import Parsed, ParseLimits, Section

UPLOAD_LIMIT_BYTES = 100 * 2**20

Reader = Callable[[Source, Notes], Iterator[Section]]

# Extension -> module of its reader, imported when the first such file comes.
_READERS = {
    "txt": "text", "text": "text", "log": "text", "md": "markdown", "markdown": "markdown", "rst": "rst",
    "html": "html_page", "htm": "html_page", "xhtml": "html_page", "mhtml": "mhtml", "mht": "mhtml",
    "csv": "csv_file", "tsv": "csv_file", "json": "json_file", "jsonl": "json_file", "ndjson": "json_file",
    "xml": "xml_file", "pdf": "pdf", "epub": "epub", "rtf": "rtf", "odt": "odt",
    "docx": "docx", "pptx": "pptx", "xlsx": "xlsx", "doc": "doc", "ppt": "ppt", "xls": "xls",
    "eml": "eml", "msg": "msg",
    "png": "picture", "jpg": "picture", "jpeg": "picture", "tiff": "picture", "tif": "picture",
}  # fmt: skip
EXTENSIONS = tuple(_READERS)
# What to save a file as that is not read.
_SUCCESSORS = {
    "pages": "docx", "docm": "docx", "dotx": "docx", "dot": "docx", "wps": "docx", "wpd": "docx", "ott": "odt",
    "boxnote": "docx", "gdoc": "docx",
    "ods": "xlsx", "numbers": "xlsx", "xlsm": "xlsx", "xlsb": "xlsx", "gsheet": "xlsx",
    "odp": "pptx", "key": "pptx", "pptm": "pptx", "pps": "pptx", "ppsx": "pptx", "gslides": "pptx",
    "nxml": "xml", "mobi": "epub", "azw3": "epub", "mbox": "eml",
}  # fmt: skip
_LANGUAGE_SAMPLE_CHARACTERS = 20_000
_LONGEST_SECTION_CHARACTERS = 100_000


def accepts(file_name: str, size_bytes: int, *, limit_bytes: int = UPLOAD_LIMIT_BYTES) -> None:
    """Raise UnsupportedType, TooLarge or Rejected for a file that need not be uploaded at all."""
    extension = extension_of(file_name)
    if extension not in _READERS:
        kinds = ", ".join(f".{known}" for known in EXTENSIONS)
        ending = f"Files that end in .{extension} are" if extension else f"{file_name!r} has no extension, and is"
        successor = _SUCCESSORS.get(extension)
        advice = f" Save it as .{successor} or PDF and upload that." if successor else ""
        raise UnsupportedType(f"{ending} not read by this version.{advice} It reads {kinds}.")
    if size_bytes <= 0:
        raise Rejected(f"{file_name!r} is empty (0 bytes). Choose a file with content.")
    if size_bytes > limit_bytes:
        raise TooLarge(
            f"{file_name!r} has {_megabytes(size_bytes)} MB ({size_bytes} bytes); the limit is "
            f"{_megabytes(limit_bytes)} MB ({limit_bytes} bytes). Split it and upload the parts."
        )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.1f}".removesuffix(".0")


def parse(path: Path, file_name: str, limits: ParseLimits | None = None, ocr: Ocr | None = None) -> Parsed:
    """Read a whole file into memory. Raises Rejected with a sentence for its owner."""
    notes = Notes()
    sections = list(read(path, file_name, notes, limits or ParseLimits(), ocr))
    return Parsed(sections, notes.warnings, notes.pages, notes.language)


def read(path: Path, file_name: str, notes: Notes, limits: ParseLimits, ocr: Ocr | None = None) -> Iterator[Section]:
    """Sections as they are found; `notes` is complete when they have all been taken.

    ocr: reads the text in pictures; None where that is not installed.
    Raises Rejected when the file is another kind than its name says, cannot be read, has no text, or passes a limit.
    """
    return read_source(Source(path, file_name, limits, ocr=ocr), notes)


def read_source(source: Source, notes: Notes) -> Iterator[Section]:
    """The same for a file that may lie inside another one, such as the attachment of a mail."""
    accepts(source.file_name, source.size_bytes, limit_bytes=source.size_bytes)
    label.check_label(source)
    reader: Reader = import_module(f"kosha.ingestion.parsers.{_READERS[source.extension]}").read
    inspection = Inspection(notes)
    sample = ""
    characters = 0
    has_words = False
    for section in _in_parts(inspection.over(_not_too_deep(reader(source, notes), source))):
        characters += len(section.text)
        if characters > source.limits.characters:
            raise TooLarge(
                f"{source.file_name!r} holds more than {source.limits.characters:,} characters of text. "
                "Split it and upload the parts."
            )
        if len(sample) < _LANGUAGE_SAMPLE_CHARACTERS:
            sample += section.text[:_LANGUAGE_SAMPLE_CHARACTERS] + "\n"
        has_words = has_words or any(map(str.isalnum, section.text))
        yield section
    if not has_words:
        raise Rejected(f"{source.file_name!r} contains no text. Choose a file with content.")
    inspection.tell()
    notes.language = language_of(sample, hint=notes.language) or notes.language


def check_label(path: Path, file_name: str) -> None:
    """Raise Rejected for a file that is not what its name says."""
    label.check_label(Source(path, file_name))


def _not_too_deep(sections: Iterator[Section], source: Source) -> Iterator[Section]:
    """The same sections. Raises Rejected for a file whose nesting exhausts the stack of its reader."""
    try:
        yield from sections
    except RecursionError as error:
        raise Rejected(
            f"{source.file_name!r} is nested too deeply to be read. Flatten it, or save it as text, and upload that."
        ) from error


def _in_parts(sections: Iterator[Section]) -> Iterator[Section]:
    """The same text in sections that nobody minds holding: one cell or string may have a hundred megabytes."""
    for section in sections:
        if len(section.text) <= _LONGEST_SECTION_CHARACTERS:
            yield section
        else:
            yield from (replace(section, text=part) for part in parts_of([section.text]) if part.strip())
