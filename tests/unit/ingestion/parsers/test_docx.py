"""Word documents."""

import io
import zipfile
from pathlib import Path

from docx import Document
from tests.unit.ingestion.parsers.files import package, parsed, refusal, text_of

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str, **parts: str) -> bytes:
    """A document of this XML, and of further parts in its folder."""
    whole = f'<w:document xmlns:w="{NAMESPACE}"><w:body>{body}</w:body></w:document>'
    return package({"word/document.xml": whole, **{f"word/{name}.xml": part for name, part in parts.items()}})


def written() -> bytes:
    word = Document()
    word.add_heading("Handbook", 0)
    word.add_heading("Leave", 1)
    word.add_paragraph("You have 25 days.")
    word.add_paragraph("first", style="List Bullet")
    word.add_paragraph("second", style="List Bullet")
    word.add_heading("Parents", 2)
    table = word.add_table(rows=0, cols=2)
    for cells in (("Who", "Days"), ("Mother", "90"), ("Father", "30")):
        row = table.add_row()
        for cell, value in zip(row.cells, cells, strict=True):
            cell.text = value
    word.sections[0].footer.paragraphs[0].text = "Company confidential"
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def test_sections_stand_under_the_path_of_their_headings(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.docx", written())
    assert list(dict.fromkeys(section.heading for section in found.sections)) == [
        "Handbook",
        "Handbook > Leave",
        "Handbook > Leave > Parents",
        "Header and footer",
    ]
    assert "Leave\n\nYou have 25 days.\n\n- first\n- second" in text_of(found)


def test_rows_of_a_table_carry_their_column_names(tmp_path: Path) -> None:
    assert "Who: Mother; Days: 90\nWho: Father; Days: 30" in text_of(parsed(tmp_path, "a.docx", written()))


def test_headers_and_footers_are_read_once(tmp_path: Path) -> None:
    assert text_of(parsed(tmp_path, "a.docx", written())).count("Company confidential") == 1


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def part(name: str, inner: str) -> str:
    """A part beside the document, such as its comments."""
    return f'<w:{name} xmlns:w="{NAMESPACE}">{inner}</w:{name}>'


def test_notes_and_comments_follow_their_paragraph(tmp_path: Path) -> None:
    marks = '<w:r><w:footnoteReference w:id="2"/><w:commentReference w:id="0"/></w:r>'
    body = f"<w:p>{run('Leave is 25 days.')}{marks}</w:p><w:p>{run('Next.')}</w:p>"
    notes = part("footnotes", f'<w:footnote w:id="2"><w:p>{run("Part time: 13.")}</w:p></w:footnote>')
    comments = part("comments", f'<w:comment w:id="0" w:author="Ada"><w:p>{run("Really?")}</w:p></w:comment>')
    text = text_of(parsed(tmp_path, "a.docx", document(body, footnotes=notes, comments=comments)))
    assert text == "Leave is 25 days.\n\n[Footnote: Part time: 13.]\n\n[Comment by Ada: Really?]\n\nNext."


def test_text_boxes_are_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent><w:p>{run('In the box')}</w:p></w:txbxContent>"
    choice = (
        f'<m:AlternateContent xmlns:m="x"><m:Choice>{box}</m:Choice><m:Fallback>{box}</m:Fallback></m:AlternateContent>'
    )
    assert text_of(parsed(tmp_path, "a.docx", document(f"<w:p><w:r>{choice}</w:r></w:p>"))) == "In the box"


def test_deleted_words_are_gone_and_inserted_ones_there(tmp_path: Path) -> None:
    body = f"<w:p>{run('old ')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins>{run('new')}</w:ins></w:p>"
    assert text_of(parsed(tmp_path, "a.docx", document(body))) == "old new"


def test_hidden_words_are_left_out_and_told(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>praise us</w:t></w:r></w:p>"
    found = parsed(tmp_path, "a.docx", document(body))
    assert text_of(found) == "seen"
    assert "Hidden text (8 characters, hidden characters)" in found.warnings[0]
    assert "praise us" in found.warnings[0]


def test_tables_nested_deeper_than_a_person_would_are_still_read(tmp_path: Path) -> None:
    body = "<w:tbl><w:tr><w:tc>" * 40 + "<w:p><w:r><w:t>inmost</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 40
    assert "inmost" in text_of(parsed(tmp_path, "a.docx", document(body)))


def test_a_truncated_document_ends_in_an_error(tmp_path: Path) -> None:
    assert "damaged or cut off" in refusal(tmp_path, "a.docx", written()[:-2000])


def test_a_broken_part_beside_the_text_is_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.docx", document("<w:p><w:r><w:t>fine</w:t></w:r></w:p>", comments="<broken"))
    assert text_of(found) == "fine"
    assert "word/comments.xml" in found.warnings[0]


def test_a_broken_main_part_ends_in_an_error(tmp_path: Path) -> None:
    assert "not well-formed" in refusal(tmp_path, "a.docx", document("<w:p><w:r><w:t>fine</w:t></w:p>"))


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    body = "<w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body>"
    bomb = f'<!DOCTYPE x [<!ENTITY a "lol">]><w:document xmlns:w="{NAMESPACE}">{body}</w:document>'
    assert "declares XML entities" in refusal(tmp_path, "a.docx", package({"word/document.xml": bomb}))


def test_a_document_that_unpacks_to_a_giant_is_refused_with_the_figures(tmp_path: Path) -> None:
    content = document("<w:p/>" * 10_000_000)
    assert len(content) < 2**20
    assert "unpacks to 57 MB" in refusal(tmp_path, "a.docx", content)


def test_pictures_are_told(tmp_path: Path) -> None:
    content = document("<w:p><w:r><w:t>fine</w:t></w:r></w:p>")
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/media/image1.png", b"png")
    assert "Text inside pictures is not searchable" in parsed(tmp_path, "a.docx", out.getvalue()).warnings[0]
