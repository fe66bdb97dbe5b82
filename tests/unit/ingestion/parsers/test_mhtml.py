"""Web pages saved as one file."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of

PAGE = b"""From: <Saved by a browser>
Subject: Leave
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----part"

------part
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable
Content-Location: https://example.com/

<html><body><nav>menu</nav><h1>Urlaub</h1><p>F=C3=BCnfundzwanzig Tage.</p></body></html>
------part
Content-Type: image/png
Content-Transfer-Encoding: base64

AAAA
------part--
"""


def test_the_page_is_read_without_its_menus(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.mhtml", PAGE)
    assert text_of(found) == "Urlaub\n\nFünfundzwanzig Tage."
    assert [section.heading for section in found.sections] == ["Urlaub"]


def test_a_file_without_a_page_is_refused(tmp_path: Path) -> None:
    assert "not a web page" in refusal(tmp_path, "a.mhtml", b"Subject: x\n\njust words")
