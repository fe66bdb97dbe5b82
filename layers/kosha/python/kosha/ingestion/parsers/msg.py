"""Mails as Outlook saves them (.msg)."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from oxmsg import Message
from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError

from kosha.errors import Rejected
from kosha.ingestion.parsers.mail import Attachment, Heads, attached, html_body, plain_body, words_of
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section

# What python-oxmsg raises where a property is missing, cut off or in an unknown character set.
_DAMAGE = (
    KeyError, ValueError, IndexError, OSError, LookupError, AssertionError, AttributeError, struct.error,
    UnrecognizedCodePageError, UnsupportedEncodingError,
)  # fmt: skip
_PICTURES = "image/"


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """The heads, the body (plain text before HTML), then what is attached."""
    message = _opened(source)
    heads = Heads(
        _said(message, "subject"), _said(message, "sender"), _recipients(message), "", _said(message, "sent_date")
    )
    yield from heads.section()
    if "smime" in _said(message, "message_class").lower():
        notes.warn("The mail is encrypted or signed as a whole; what is inside may be missing. Save it decrypted.")
    yield from _body(source, message, heads.heading, notes)
    yield from attached(source, _attachments(message, notes), heads.heading, notes)


def _opened(source: Source) -> Any:
    with source.open() as file:
        content = file.read()
    try:
        return Message.load(BytesIO(content))
    except _DAMAGE as error:
        raise Rejected(
            f"{source.file_name!r} cannot be opened as an Outlook message: it is damaged or cut off. "
            "Save it anew, or as .eml, and upload that."
        ) from error


def _said(message: Any, name: str) -> str:
    """A property's words; "" where it is missing or cannot be read."""
    try:
        value = getattr(message, name)
    except _DAMAGE:
        return ""
    return "" if value is None else str(value)


def _recipients(message: Any) -> str:
    try:
        return "; ".join(f"{one.name} <{one.email_address}>" for one in message.recipients)
    except _DAMAGE:
        return ""


def _body(source: Source, message: Any, heading: str | None, notes: Notes) -> Iterator[Section]:
    plain, html = _said(message, "body"), _said(message, "html_body")
    if words_of(plain):
        yield from plain_body([plain], heading)
    elif words_of(html):
        yield from html_body(source, html, heading, notes)
    else:
        notes.warn("The mail has no text of its own; its heads and what is attached were read.")


def _attachments(message: Any, notes: Notes) -> Iterator[Attachment]:
    try:
        for attachment in message.attachments:
            name = _said(attachment, "file_name") or "attachment"
            inline = _said(attachment, "mime_type").startswith(_PICTURES)
            yield Attachment(name, (attachment.file_bytes or b"") if not inline else b"", inline=inline)
    except _DAMAGE:
        notes.warn("Not all that is attached could be read: the file is damaged.")
