"""What every kind of mail is made of: its heads, a body, and files attached to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from kosha.errors import Rejected
from kosha.ingestion.parse import EXTENSIONS, read_source
from kosha.ingestion.parsers import html_page
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.headings import SEPARATOR
from kosha.ingestion.parsers.source import Notes, Source, extension_of
from kosha.ingestion.parsers.text import paragraphs
from kosha.model.section import Section

_LARGEST_ATTACHMENT_BYTES = 20 * 2**20
_MOST_ATTACHMENTS = 50
_DEEPEST = 3  # a mail in a mail in a mail


@dataclass(frozen=True, slots=True)
class Heads:
    """Who wrote what to whom, as a reader of mail shows it. date: any form; "" where there is none."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    copy_to: str = ""
    date: str = ""

    def section(self) -> Iterator[Section]:
        lines = (
            ("Subject", self.subject),
            ("From", self.sender),
            ("To", self.to),
            ("Cc", self.copy_to),
            ("Date", _moment(self.date)),
        )
        text = "\n".join(f"{name}: {one_line(value)}" for name, value in lines if one_line(value))
        if text:
            yield Section(text, heading=self.heading)

    @property
    def heading(self) -> str | None:
        return one_line(self.subject)[:200] or None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail. inline: shown in its text, such as the sender's logo."""

    name: str
    content: bytes
    inline: bool = False


def _moment(date: str) -> str:
    """ "Fri, 20 Nov 2026 09:00:00 +0100" -> "2026-11-20 09:00 +0100"; what is no date stays."""
    try:
        return parsedate_to_datetime(date).strftime("%Y-%m-%d %H:%M %z").strip()
    except (ValueError, TypeError, IndexError, OverflowError):
        return date


def plain_body(blocks: Iterable[str], heading: str | None) -> Iterator[Section]:
    """Sections of a body of plain text."""
    yield from (replace(section, heading=heading) for section in paragraphs(blocks))


def html_body(source: Source, html: str, heading: str | None, notes: Notes) -> Iterator[Section]:
    """Sections of a body that is a web page; its own headings stand under the subject."""
    page = html_page.Page(notes.hidden)
    for section in page.read(source.inner("body.html", html.encode("utf-8-sig", "replace")), notes):
        yield replace(section, heading=SEPARATOR.join(filter(None, (heading, section.heading))) or None)


def attached(source: Source, attachments: Iterable[Attachment], heading: str | None, notes: Notes) -> Iterator[Section]:
    """The names of what is attached, and its sections where it is of a kind that is read; else a warning."""
    kept = list(attachments)
    named = [one_line(attachment.name) for attachment in kept if not attachment.inline]
    if named:
        yield Section("Attachments: " + "; ".join(named), heading=heading)
    pictures = sum(attachment.inline for attachment in kept)
    if pictures:
        notes.warn(f"Text inside pictures is not searchable; the mail shows {pictures}.")
    for number, attachment in enumerate(attachment for attachment in kept if not attachment.inline):
        why_not = _why_not(source, attachment, number)
        if why_not:
            notes.warn(f"The attachment {one_line(attachment.name)!r} was not read: {why_not}")
        else:
            yield from _read(source, attachment, heading, notes)


def _why_not(source: Source, attachment: Attachment, number: int) -> str | None:
    if extension_of(attachment.name) not in EXTENSIONS:
        return "this kind of file is not read."
    if not attachment.content:
        return "it is empty."
    if len(attachment.content) > _LARGEST_ATTACHMENT_BYTES:
        return f"it has more than {_LARGEST_ATTACHMENT_BYTES // 2**20} MB. Upload it on its own."
    if number >= _MOST_ATTACHMENTS:
        return f"only the first {_MOST_ATTACHMENTS} attachments are. Upload it on its own."
    if source.depth >= _DEEPEST:
        return f"it lies more than {_DEEPEST} files deep. Upload it on its own."
    return None


def _read(source: Source, attachment: Attachment, heading: str | None, notes: Notes) -> Iterator[Section]:
    """Its sections; the page stands in the heading, because pages are the mail's."""
    name = one_line(attachment.name)
    inner = Notes(limit=notes.limit)
    try:
        for section in read_source(source.inner(name, attachment.content), inner):
            place = f"Attachment {name}" + (f", page {section.page}" if section.page is not None else "")
            path = SEPARATOR.join(filter(None, (heading, place, section.heading)))
            yield replace(section, page=None, heading=path)
    except Rejected as error:
        notes.warn(f"The attachment {name!r} was not read: {error}")
    for warning in inner.warnings:
        notes.warn(f"In the attachment {name!r}: {warning}")


def words_of(text: str) -> bool:
    """Whether a body says anything."""
    return any(map(str.isalnum, clean(text)))
