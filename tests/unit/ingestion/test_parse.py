"""Which files are taken, and what all readers share: encodings, labels, limits."""

import codecs
from pathlib import Path

import pytest
from tests.unit.ingestion.parsers.files import package, parsed, refusal, text_of

from kosha.errors import Rejected, TooLarge, UnsupportedType
from kosha.ingestion.parse import accepts
from kosha.model.section import ParseLimits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


KINDS = "csv doc docx epub odt pdf ppt pptx tsv xls xlsx eml msg html mhtml json MD rst rtf txt xml"


@pytest.mark.parametrize("kind", KINDS.split())
def test_every_kind_of_the_list_is_taken(kind: str) -> None:
    accepts(f"a.{kind}", 1)


@pytest.mark.parametrize("name", ["a.pages", "a.boxnote", "a.nxml", "a.ods", "a.odp", "x.bin", "README"])
def test_other_kinds_are_refused_with_the_list_of_those_that_are_read(name: str) -> None:
    with pytest.raises(UnsupportedType, match=r"\.txt, .*\.docx, \.pptx, \.xlsx, \.doc, \.ppt, \.xls"):
        accepts(name, 1)


@pytest.mark.parametrize(
    ("name", "better"), [("a.pages", "docx"), ("a.ods", "xlsx"), ("a.odp", "pptx"), ("a.nxml", "xml")]
)
def test_a_kind_that_is_not_read_is_told_what_to_save_it_as(name: str, better: str) -> None:
    with pytest.raises(UnsupportedType, match=rf"Save it as \.{better}"):
        accepts(name, 1)


def test_an_empty_file_is_refused_at_the_ticket() -> None:
    with pytest.raises(Rejected, match="empty"):
        accepts("a.txt", 0)


def test_a_file_over_the_limit_is_refused_with_both_figures() -> None:
    with pytest.raises(TooLarge, match=r"100 MB \(104857601 bytes\); the limit is 100 MB \(104857600 bytes\)"):
        accepts("a.pdf", 100 * 2**20 + 1)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_read(tmp_path: Path, name: str, codec: str) -> None:
    assert "Straße nach Kraków" in text_of(parsed(tmp_path, name, "Die Straße nach Kraków\n\nist lang.".encode(codec)))


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "Die Straße führt über die Brücke nach München; der Preis beträgt 15 €."),
        ("cp932", "名前,年齢\n佐藤太郎,30\n東京都の人口は増えています。"),
        ("gb18030", "这是一个简体中文的文本文件，里面有很多汉字。"),
        ("cp1251", "Это обычный русский текст, который должен быть прочитан правильно."),
        ("iso2022_jp", "これは日本語の文章です。"),
    ],
)
def test_a_text_that_does_not_name_its_character_set_is_still_read(tmp_path: Path, codec: str, text: str) -> None:
    found = parsed(tmp_path, "a.txt", text.encode(codec))
    assert text_of(found).split() == text.split()
    assert codec == "iso2022_jp" or "character set" in found.warnings[0]


def test_a_declared_character_set_is_believed(tmp_path: Path) -> None:
    page = "<html><head><meta charset='iso-8859-2'></head><body><p>Łódź i Kraków</p></body></html>"
    found = parsed(tmp_path, "a.html", page.encode("iso-8859-2"))
    assert "Łódź i Kraków" in text_of(found)
    assert found.warnings == ()


def test_bytes_that_cannot_be_decoded_are_counted_in_a_warning(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.txt", ("Größe und Länge für Füße. " * 20).encode() + b"\xff\xfe broken")
    assert "Größe und Länge" in text_of(found)
    assert "2 characters could not be read" in found.warnings[0]


def test_binary_named_txt_is_refused(tmp_path: Path) -> None:
    assert "is not text" in refusal(tmp_path, "notes.txt", bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        ("a.pdf", b"hello, I am text", "is not a PDF"),
        ("a.txt", b"%PDF-1.7\n...", "is a PDF"),
        ("a.md", b"PK\x03\x04rest", "ZIP"),
        ("a.csv", OLE + b"\0" * 600, "old Office"),
        ("a.docx", b"just words", "is not a .docx"),
        ("a.docx", OLE + b"\0" * 600, "old Office format"),
        ("a.json", b"\x89PNG\r\n\x1a\n", "PNG"),
        ("a.txt", codecs.BOM_UTF8 + b"%PDF-1.4", "is a PDF"),
        ("a.txt", b"{\\rtf1 hello}", "RTF"),
    ],
)
def test_a_mislabelled_file_is_told_what_it_is(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    assert said in refusal(tmp_path, name, content)


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx", "a.pptx", "a.pdf", "a.txt"])
def test_an_encrypted_office_file_is_told_to_remove_its_password(tmp_path: Path, name: str) -> None:
    content = OLE + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000
    assert "protected by a password. Remove the protection" in refusal(tmp_path, name, content)


def test_another_kind_of_office_file_is_told_its_name(tmp_path: Path) -> None:
    workbook = package({"xl/workbook.xml": "<workbook/>"})
    assert "is an Excel workbook" in refusal(tmp_path, "a.docx", workbook)
    assert "Rename it to .xlsx" in refusal(tmp_path, "a.pptx", workbook)
    assert "ZIP archive" in refusal(tmp_path, "a.docx", package({"other/file.xml": "<a/>"}))


@pytest.mark.parametrize("content", ["   \n\t \n", "--- *** ---", "\ufeff\u200b"])
def test_a_text_without_words_is_refused(tmp_path: Path, content: str) -> None:
    assert "no text" in refusal(tmp_path, "a.txt", content)


def test_words_after_much_else_are_found(tmp_path: Path) -> None:
    assert "word" in text_of(parsed(tmp_path, "a.txt", "-" * 70_000 + "\n\nword"))


def test_more_characters_than_the_limit_are_refused_and_not_cut(tmp_path: Path) -> None:
    assert "more than 100 characters" in refusal(tmp_path, "a.txt", "word " * 100, ParseLimits(characters=100))


def test_what_is_kept_is_clean(tmp_path: Path) -> None:
    dirty = "Cafe\u0301\0 \u202eevil\u202c of\ufb01ce\u00a0one\u200b \U000e0041hidden\x07"
    assert text_of(parsed(tmp_path, "a.txt", dirty)) == "Café evil office one hidden"


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_joined(tmp_path: Path) -> None:
    found = text_of(parsed(tmp_path, "a.json", r'{"a": "x\ud83d", "b": "\ud83d\ude00"}'))
    assert "a: x\ufffd" in found
    assert "b: \U0001f600" in found
    found.encode()


def test_one_gigantic_line_comes_in_sections_that_can_be_held(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.json", '{"a": "' + "word " * 200_000 + '"}')
    assert max(len(section.text) for section in found.sections) <= 100_000
    assert sum(section.text.count("word") for section in found.sections) == 200_000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The cat sat on the mat and it was the best of the days that we had.", "en"),
        ("Der Hund ist auf dem Weg nach Hause und die Katze wartet nicht auf ihn.", "de"),
        ("Le chat est sur la table et il ne veut pas manger avec les autres.", "fr"),
        ("吾輩は猫である。名前はまだ無い。", "ja"),
        ("这是一个中文的句子。", "zh"),
        ("A-17 B-22 C-98", None),
    ],
)
def test_the_language_is_told_where_it_can_be(tmp_path: Path, text: str, language: str | None) -> None:
    assert parsed(tmp_path, "a.txt", text).language == language
