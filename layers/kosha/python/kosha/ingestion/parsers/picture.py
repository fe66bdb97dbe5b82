"""PNG, JPEG and TIFF: the text in the picture, by text recognition; each picture of a TIFF is a page."""

from collections.abc import Iterator

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.recognition import Recognition
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """A section a page.

    Raises Rejected where text recognition is not installed, and for a damaged picture; TooLarge for too many pixels
    or pages.
    """
    recognition = Recognition(source)
    if source.ocr is None:
        notes.pages = 1
        recognition.text(1, lambda: None)
        recognition.reject()
    from kosha.ingestion.parsers.untyped_pillow import Frames, PictureError  # comes with text recognition only

    try:
        with Frames(source) as frames:
            notes.pages = len(frames)
            if notes.pages > source.limits.pages:
                raise TooLarge(
                    f"{source.file_name!r} has {notes.pages} pictures; the limit is {source.limits.pages}. "
                    "Split it and upload the parts."
                )
            for number in range(1, notes.pages + 1):
                text = recognition.text(number, lambda number=number: frames.drawn(number))
                if text:
                    yield Section(text, page=number)
    except PictureError as error:
        raise Rejected(
            f"{source.file_name!r} cannot be opened as a picture: it is damaged or cut off ({error}). "
            "Open it in an image viewer, save it anew, and upload that."
        ) from error
    if recognition.skipped == notes.pages:
        recognition.reject()
    recognition.tell(notes)
