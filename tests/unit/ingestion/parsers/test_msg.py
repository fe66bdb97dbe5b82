"""Mails as Outlook saves them."""

from pathlib import Path

from tests.unit.ingestion.parsers.files import parsed, refusal, text_of
from tests.unit.ingestion.parsers.ole_files import container, outlook_message


def test_heads_and_body_are_read_under_the_subject(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.msg", outlook_message("Größe", "Leave is 25 days.", "Ada"))
    assert text_of(found) == 'Subject: Größe\nFrom: "Ada" <ada@example.com>\nLeave is 25 days.'
    assert {section.heading for section in found.sections} == {"Größe"}


def test_a_mail_without_text_is_told(tmp_path: Path) -> None:
    found = parsed(tmp_path, "a.msg", outlook_message("Subject alone", "", "Ada"))
    assert "no text of its own" in found.warnings[0]


def test_a_message_without_its_properties_is_refused_or_empty(tmp_path: Path) -> None:
    said = refusal(tmp_path, "a.msg", container({"__properties_version1.0": b"", "x": b"y"}))
    assert "no text" in said or "damaged" in said
