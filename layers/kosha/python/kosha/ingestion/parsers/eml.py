"""Mails as files (RFC 5322 and MIME)."""

from collections.abc import Iterator
from email import message_from_binary_file, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import TYPE_CHECKING, cast

from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.mail import Attachment, Heads, attached, html_body, plain_body, words_of
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section

if TYPE_CHECKING:
    Mail = Message[str, str]
else:
    Mail = Message

_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_BODIES = frozenset({"text/plain", "text/html"})
_MOST_PARTS = 500


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """The heads, the body (plain text before HTML), then what is attached."""
    mail = opened(source)
    heads = Heads(header(mail, "subject"), *(header(mail, name) for name in ("from", "to", "cc", "date")))
    yield from heads.section()
    parts = parts_of(mail, notes)
    bodies = [part for part in parts if _is_body(part)]
    yield from _body(source, bodies, heads.heading, notes)
    if any(part.get_content_type() in _ENCRYPTED for part in mail.walk()):
        notes.warn("The mail is encrypted; only its heads are searchable. Save it decrypted and upload that.")
    yield from attached(source, _attachments(parts, bodies), heads.heading, notes)


def opened(source: Source) -> Mail:
    """The mail as a tree of parts; what is malformed in it is read as far as it goes."""
    with source.open() as file:
        return message_from_binary_file(file, policy=policy.compat32)


def parts_of(mail: Mail, notes: Notes) -> list[Mail]:
    """The parts that are no containers, in order. A mail inside the mail is one part."""
    found: list[Mail] = []
    waiting: list[Mail] = [mail]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting[:0] = _inner(part)
        else:
            found.append(part)
        if len(found) >= _MOST_PARTS:
            notes.warn(f"The mail has more than {_MOST_PARTS} parts; the others were not read.")
            break
    return found


def header(mail: Mail, name: str) -> str:
    """A head's words, encoded ones decoded; "" where it is missing."""
    return _decoded(str(mail.get(name) or ""))


def content(part: Mail) -> bytes:
    """The bytes of a part, as they were before they were sent; of a mail inside the mail, its source."""
    if part.is_multipart():
        return b"\n".join(mail.as_bytes(policy=policy.compat32) for mail in _inner(part))
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _inner(part: Mail) -> list[Mail]:
    return cast("list[Mail]", part.get_payload()) if part.is_multipart() else []


def text_of(part: Mail, source: Source, notes: Notes) -> str:
    """The words of a part of text, by the character set it declares."""
    inner = source.inner("body.txt", content(part))
    return "".join(text_blocks(inner, notes, part.get_content_charset())) if inner.size_bytes else ""


def file_name(part: Mail) -> str:
    """What an attachment is called; a name is made of its type where it has none."""
    name = _decoded(part.get_filename() or "").strip()
    if name:
        return name
    return "message.eml" if part.get_content_type() == "message/rfc822" else f"part.{part.get_content_subtype()}"


def _decoded(words: str) -> str:
    """Encoded words of a head (RFC 2047) as text; what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(words)))
    except (MessageError, LookupError, ValueError):
        return words


def _is_body(part: Mail) -> bool:
    return part.get_content_type() in _BODIES and not part.get_filename() and not _is_attachment(part)


def _is_attachment(part: Mail) -> bool:
    return str(part.get("content-disposition") or "").lower().startswith("attachment")


def _body(source: Source, bodies: list[Mail], heading: str | None, notes: Notes) -> Iterator[Section]:
    """The parts of plain text that say anything, else those of HTML."""
    for kind in ("text/plain", "text/html"):
        texts = [text_of(part, source, notes) for part in bodies if part.get_content_type() == kind]
        said = list(filter(words_of, texts))
        for text in said:
            yield from plain_body([text], heading) if kind == "text/plain" else html_body(source, text, heading, notes)
        if said:
            return
    notes.warn("The mail has no text of its own; its heads and what is attached were read.")


def _attachments(parts: list[Mail], bodies: list[Mail]) -> Iterator[Attachment]:
    for part in parts:
        if part in bodies or part.get_content_type() in _SIGNATURES | _ENCRYPTED:
            continue
        name = file_name(part)
        is_picture = part.get_content_maintype() == "image" and not _is_attachment(part)
        if is_picture or part.get_filename() or _is_attachment(part) or part.get_content_maintype() == "message":
            yield Attachment(name, b"" if is_picture else content(part), inline=is_picture)
