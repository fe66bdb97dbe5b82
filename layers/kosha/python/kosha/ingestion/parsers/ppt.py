"""Old PowerPoint presentations (.ppt): slide by slide, with titles, texts, comments and speaker notes.

Our own, because no library that is kept reads more of these files than bare text.
"""

from collections.abc import Iterator

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.ole import damaged, streams
from kosha.ingestion.parsers.ppt_file import DamagedPptError, EncryptedPptError, PptFile, Slide
from kosha.ingestion.parsers.source import Notes, Source, agree, numbered
from kosha.model.section import Section


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by slide (its number is the page), under the slide's title. Tables are read as texts."""
    content = streams(source)
    wordless: list[int] = []
    hidden: list[int] = []
    try:
        file = PptFile(content)
        notes.pages = len(file.entries)
        if notes.pages > source.limits.pages:
            raise TooLarge(
                f"{source.file_name!r} has {notes.pages} slides; the limit is {source.limits.pages}. Split it."
            )
        for slide in file.slides():
            sections = list(_sections(slide))
            if not sections:
                wordless.append(slide.number)
            if slide.is_hidden:
                hidden.append(slide.number)
            yield from sections
    except EncryptedPptError as error:
        raise Rejected(
            f"{source.file_name!r} is protected by a password. Remove the protection and upload it again."
        ) from error
    except DamagedPptError as error:
        raise damaged(source, "its records point to nowhere") from error
    if wordless:
        verb = agree(len(wordless), "has no text (pictures only?) and is", "have no text (pictures only?) and are")
        notes.warn(f"{numbered('Slide', wordless)} {verb} not searchable.")
    if hidden:
        verb = agree(len(hidden), "is hidden in the show; it was", "are hidden in the show; they were")
        notes.warn(f"{numbered('Slide', hidden)} {verb} read too.")
    if content.get("Pictures"):
        notes.warn("Text inside pictures is not searchable; the file holds some.")


def _sections(slide: Slide) -> Iterator[Section]:
    heading = one_line(slide.title) or None
    texts = [heading or "", *(clean(words).strip() for words in slide.texts)]
    texts += [f"[Comment: {one_line(words)}]" for words in slide.comments if one_line(words)]
    said = list(filter(None, texts))
    if said:
        yield Section("\n\n".join(said), page=slide.number, heading=heading)
    notes = clean(slide.notes).strip()
    if notes:
        yield Section(f"Speaker notes:\n{notes}", page=slide.number, heading=heading)
