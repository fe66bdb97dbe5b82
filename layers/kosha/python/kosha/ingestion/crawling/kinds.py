"""What kind of document an answer from the web is: by its type, its name and its first bytes."""

from pathlib import Path

from kosha.ingestion import parse
from kosha.ingestion.crawling.addresses import extension_in
from kosha.ingestion.parsers.sniff import first_bytes, looks_like_html

HTML = "text/html"
# Content type -> the extension by which it is read; a kind that this installation does not read is skipped.
_EXTENSIONS = {
    HTML: "html", "application/xhtml+xml": "html", "text/plain": "txt", "text/markdown": "md", "text/x-markdown": "md",
    "text/csv": "csv", "text/tab-separated-values": "tsv", "application/json": "json", "application/x-ndjson": "jsonl",
    "application/pdf": "pdf", "application/x-pdf": "pdf", "application/msword": "doc", "application/rtf": "rtf",
    "text/rtf": "rtf", "application/epub+zip": "epub", "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt", "application/vnd.oasis.opendocument.text": "odt", "message/rfc822": "eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/x-rst": "rst", "application/xml": "xml", "text/xml": "xml", "multipart/related": "mhtml",
}  # fmt: skip
_TYPES = {extension: kind for kind, extension in reversed(_EXTENSIONS.items())}
# Types that say little: the name tells more.
_VAGUE = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download", "text/plain"})
# Linked from pages, and never pages themselves; not even asked for.
_NEVER_NAMED = """
    7z avi avif bin bmp bz2 css deb dmg eot exe flac gif gz ico iso jar jpeg jpg js m4a m4v map mjs mov mp3 mp4 mpeg
    msi ogg ogv otf png rar rpm svg tar tgz tif tiff ttf wasm wav webm webp wmv woff woff2 xpi xz zip zst
"""
_NEVER = frozenset(_NEVER_NAMED.split())


def is_never_read(url: str) -> bool:
    """Whether its name says that it is a picture, a film, a programme or the like."""
    return extension_in(url) in _NEVER


def type_of(url: str, told: str, body: Path) -> str | None:
    """The content type to keep it under; None for a kind that is not read. told: the header Content-Type."""
    named = told.partition(";")[0].strip().lower()
    extension = extension_in(url)
    if named in _VAGUE and extension in parse.EXTENSIONS:
        return _TYPES.get(extension, named or None)
    if not named and looks_like_html(first_bytes(body)):
        return HTML
    known = _EXTENSIONS.get(named)
    return _TYPES[known] if known in parse.EXTENSIONS else None


def file_name(content_type: str) -> str:
    """What a page is to be read as."""
    return f"page.{_EXTENSIONS.get(content_type, 'txt')}"


def charset_in(told: str) -> str | None:
    """The character set that the header Content-Type names."""
    for part in told.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower() or None
    return None
