"""Plain text: paragraphs, with lines that a narrow page broke joined again."""

import json
import re
from collections.abc import Iterable, Iterator

from kosha.ingestion.parsers.clean import clean
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.paragraphs import unwrap
from kosha.ingestion.parsers.parts import parts_of
from kosha.ingestion.parsers.sniff import looks_like_html
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section

_LONGEST_JSON_TRIAL_BYTES = 10 * 2**20
_ENCODED = re.compile(rb"[A-Za-z0-9+/\r\n]{40,}={0,2}")


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections without heading or page, each some twenty thousand characters."""
    _warn_of_another_kind(source, notes)
    yield from paragraphs(text_blocks(source, notes))


def paragraphs(blocks: Iterable[str]) -> Iterator[Section]:
    """Sections of plain text that comes in blocks."""
    for block in parts_of(blocks):
        text = "\n\n".join("\n".join(unwrap(part.split("\n"))) for part in re.split(r"\n\s*\n", clean(block)))
        if text.strip():
            yield Section(text.strip())


def _warn_of_another_kind(source: Source, notes: Notes) -> None:
    head = source.head()
    if looks_like_html(head):
        notes.warn(
            "The file looks like a web page but is not named so; its tags were read as text. "
            "Rename it to .html and upload it again to read it as a page."
        )
    elif _ENCODED.fullmatch(head.strip()) and re.search(rb"[0-9+/=]", head):
        notes.warn(
            "The file looks like encoded data (base64), not like words, so there is little to find in it. "
            "Decode it and upload the result."
        )
    elif head.lstrip()[:1] in (b"{", b"[") and source.size_bytes <= _LONGEST_JSON_TRIAL_BYTES:
        try:
            json.loads(source.head(_LONGEST_JSON_TRIAL_BYTES))
        except (ValueError, RecursionError):
            notes.warn("The file begins like JSON but is broken or cut off; it was read as plain text.")
