"""RTF documents: paragraphs under their headings, lists, tables, footnotes, headers and footers."""

from collections.abc import Iterator

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.gathered import Gathered
from kosha.ingestion.parsers.rtf_text import RtfText
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading; headers and footers, each text once, come last."""
    with source.open() as file:
        text = RtfText(file.read(), notes.hidden)
    document = Gathered()
    for block in text.blocks():
        yield from document.take(block)
    yield from document.end()
    around = dict.fromkeys(filter(None, (one_line(words) for words in text.around)))
    if around:
        yield Section("\n".join(around), heading="Header and footer")
    if text.pictures:
        notes.warn(f"Text inside pictures is not searchable; the file holds {text.pictures}.")
    if text.is_cut_off:
        notes.warn("The file breaks off before its end; what could be read of it was read.")
