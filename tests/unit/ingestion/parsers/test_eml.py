"""Mails as files."""

from email.message import EmailMessage
from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of


def written(body: str = "Leave is 25 days.", subject: str = "Leave") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "Ada <ada@example.com>", "Bob <bob@example.com>"
    mail["Date"] = "Fri, 20 Nov 2026 09:00:00 +0100"
    mail.set_content(body)
    return mail


def test_heads_and_body_are_read_under_the_subject(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.eml", written().as_bytes())
    assert text_of(found) == (
        "Subject: Leave\nFrom: Ada <ada@example.com>\nTo: Bob <bob@example.com>\nDate: 2026-11-20 09:00 +0100\n"
        "Leave is 25 days."
    )
    assert {section.heading for section in found.sections} == {"Leave"}
    assert found.warnings == ()


def test_encoded_heads_and_foreign_letters_are_spelt_out(tmp_path: Path) -> None:
    mail = written("Größe und Länge", "Über Straßen")
    found = text_of(parsed(tmp_path, "a.eml", mail.as_bytes()))
    assert "Subject: Über Straßen" in found
    assert "Größe und Länge" in found


def test_plain_text_is_preferred_and_html_read_where_there_is_none(tmp_path: Path) -> None:
    both = written("plain words")
    both.add_alternative("<html><body><p>rich words</p></body></html>", subtype="html")
    found = text_of(parsed(tmp_path, "a.eml", both.as_bytes()))
    assert "plain words" in found
    assert "rich words" not in found
    only = EmailMessage()
    only["Subject"] = "x"
    only.set_content("<html><body><nav>menu</nav><p>rich words</p></body></html>", subtype="html")
    assert "rich words" in text_of(parsed(tmp_path, "a.eml", only.as_bytes()))


def test_an_attachment_that_can_be_read_is_read_too(tmp_path: Path) -> None:
    mail = written()
    mail.add_attachment(b"Who,Days\nMother,90\n", maintype="text", subtype="csv", filename="days.csv")
    found = parsed(tmp_path, "a.eml", mail.as_bytes())
    assert [s.text for s in found.sections if s.heading == "Leave > Attachment days.csv"] == ["Who: Mother; Days: 90"]
    assert "Attachments: days.csv" in text_of(found)


def test_an_attachment_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    mail = written()
    mail.add_attachment(b"MZ\x90\0", maintype="application", subtype="octet-stream", filename="setup.exe")
    mail.add_attachment(b"%PDF-1.4 broken", maintype="application", subtype="pdf", filename="a.pdf")
    found = parsed(tmp_path, "a.eml", mail.as_bytes())
    assert any("'setup.exe' was not read" in warning for warning in found.warnings)
    assert any("'a.pdf' was not read" in warning for warning in found.warnings)


def test_mails_inside_mails_are_read_to_a_depth(tmp_path: Path) -> None:
    mail = written("inmost words", "level 0")
    for level in range(1, 7):
        outer = written(f"words of level {level}", f"level {level}")
        outer.add_attachment(mail.as_bytes(), maintype="application", subtype="octet-stream", filename="inner.eml")
        mail = outer
    found = parsed(tmp_path, "a.eml", mail.as_bytes())
    assert "words of level 3" in text_of(found)
    assert "inmost words" not in text_of(found)
    assert any("files deep" in warning for warning in found.warnings)


def test_an_encrypted_mail_is_told(tmp_path: Path) -> None:
    mail = (
        b'Subject: Secret\nFrom: a@b.c\nContent-Type: multipart/encrypted; boundary="x"\n\n'
        b"--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x--\n"
    )
    assert any("encrypted" in warning for warning in parsed(tmp_path, "a.eml", mail).warnings)


def test_an_unknown_character_set_is_no_reason_to_give_up(tmp_path: Path) -> None:
    mail = b"Subject: =?nope?q?x?=\nContent-Type: text/plain; charset=nope\n\nGr\xfc\xdfe aus M\xfcnchen.\n"
    assert "Grüße aus München" in text_of(parsed(tmp_path, "a.eml", mail))


def test_a_mail_nested_without_end_is_refused(tmp_path: Path) -> None:
    levels = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    assert "nested too deeply" in refusal(tmp_path, "a.eml", f"Subject: x\n{levels}Content-Type: text/plain\n\nwords")
