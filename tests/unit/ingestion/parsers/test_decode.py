"""Character sets that files and servers declare."""

import pytest

from kosha.ingestion.parsers.decode import codec_of, text_blocks
from kosha.ingestion.parsers.source import Notes, Source


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("utf-16", "utf-16"),
        (" ISO-8859-1 ", "cp1252"),
        ("gb2312", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("koi8-r", "koi8-r"),
    ],
)
def test_a_character_set_has_a_codec(declared: str, codec: str) -> None:
    assert codec_of(declared) == codec


@pytest.mark.parametrize(
    "declared",
    [None, "", "nope", "hex", "zlib", "rot13", "undefined", "idna", "punycode", "unicode_escape", "utf-7", "a\0b"],
)
def test_what_packs_or_escapes_is_no_character_set(declared: str | None) -> None:
    assert codec_of(declared) is None
    source = Source("Grüße aus München, schöne Größe.".encode("latin-1"), "a.txt")
    assert "".join(text_blocks(source, Notes(), declared)) == "Grüße aus München, schöne Größe."
