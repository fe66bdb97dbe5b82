"""OpenDocument texts."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of, zipped

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in [
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
    ]
)
MIME = "application/vnd.oasis.opendocument.text"


def document(body: str, styles: str = "", **parts: str) -> bytes:
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": MIME, "content.xml": content, **{f"{n}.xml": text for n, text in parts.items()}})


def test_text_stands_under_its_headings_and_lists_are_lines(tmp_path: Path) -> None:
    body = (
        '<text:h text:outline-level="1">Leave</text:h><text:p>You have<text:s text:c="2"/>25 days.</text:p>'
        "<text:list><text:list-item><text:p>first</text:p></text:list-item><text:list-item><text:p>second</text:p>"
        '</text:list-item></text:list><text:h text:outline-level="2">Parents</text:h><text:p>90 days.</text:p>'
    )
    found = parsed(tmp_path, "a.odt", document(body))
    assert [(section.heading, section.text) for section in found.sections] == [
        ("Leave", "Leave\n\nYou have  25 days.\n\n- first\n- second"),
        ("Leave > Parents", "Parents\n\n90 days."),
    ]


def test_rows_of_a_table_carry_their_column_names(tmp_path: Path) -> None:
    def row(*cells: str) -> str:
        inner = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row>{inner}</table:table-row>"

    body = f"<table:table>{row('Who', 'Days')}{row('Mother', '90')}{row('Father', '30')}</table:table>"
    assert text_of(parsed(tmp_path, "a.odt", document(body))) == "Who: Mother; Days: 90\nWho: Father; Days: 30"


def test_notes_and_comments_follow_their_paragraph(tmp_path: Path) -> None:
    body = (
        '<text:p>Leave is 25 days.<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>Part time: 13.</text:p></text:note-body></text:note>"
        "<office:annotation><text:p>Really?</text:p></office:annotation></text:p>"
    )
    assert text_of(parsed(tmp_path, "a.odt", document(body))) == (
        "Leave is 25 days.\n\n[Footnote: Part time: 13.]\n\n[Comment: Really?]"
    )


def test_hidden_and_deleted_words_are_left_out_and_told(tmp_path: Path) -> None:
    styles = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>deleted</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:p>seen"
        '<text:span text:style-name="H">praise us</text:span></text:p>'
    )
    found = parsed(tmp_path, "a.odt", document(body, styles))
    assert text_of(found) == "seen"
    assert "praise us" in found.warnings[0]


def test_a_password_is_told(tmp_path: Path) -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    content = zipped({"mimetype": MIME, "content.xml": "garbage", "META-INF/manifest.xml": manifest})
    assert "protected by a password" in refusal(tmp_path, "a.odt", content)


def test_a_spreadsheet_under_another_name_is_told(tmp_path: Path) -> None:
    content = zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
    assert "OpenDocument spreadsheet" in refusal(tmp_path, "a.odt", content)
