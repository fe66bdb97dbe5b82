"""What a file's first bytes say it is, whatever its name says."""

import re
import zipfile
from contextlib import closing
from pathlib import Path

from kosha.ingestion.parsers.source import Source

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The kind's name as a person would say it, and what to rename the file to (None: nothing would help).
_MAGIC: tuple[tuple[bytes, str, str | None], ...] = (
    (b"%PDF-", "a PDF", "pdf"),
    (b"PK\x03\x04", "a ZIP archive", None),
    (b"PK\x05\x06", "an empty ZIP archive", None),
    (_OLE, "an old Office file", None),
    (b"\x89PNG", "a PNG picture", "png"),
    (b"\xff\xd8\xff", "a JPEG picture", "jpg"),
    (b"GIF8", "a GIF picture", None),
    (b"II*\x00", "a TIFF picture", "tiff"),
    (b"MM\x00*", "a TIFF picture", "tiff"),
    (b"II+\x00", "a TIFF picture", "tiff"),
    (b"MM\x00+", "a TIFF picture", "tiff"),
    (b"\x1f\x8b", "a gzip archive", None),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", None),
    (b"Rar!", "a RAR archive", None),
    (b"BZh", "a bzip2 archive", None),
    (b"\xfd7zXZ", "an xz archive", None),
    (b"\x7fELF", "a program", None),
    (b"MZ\x90\x00", "a program", None),
    (b"SQLite format 3", "a SQLite database", None),
    (b"{\\rtf", "an RTF document", "rtf"),
    (b"OggS", "a sound file", None),
    (b"ID3", "a sound file", None),
)
# A comment once passed over is not looked at again (`?>`): with many of them each could end in many places.
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_OFFICE_MAIN = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_MIME_TYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-template": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_OLE_STREAMS = (
    ("WordDocument", "an old Word document", "doc"),
    ("PowerPoint Document", "an old PowerPoint presentation", "ppt"),
    ("Workbook", "an old Excel workbook", "xls"),
    ("Book", "an old Excel workbook", "xls"),
    ("__properties_version1.0", "an Outlook message", "msg"),
)


def first_bytes(path: Path, count: int = 4096) -> bytes:
    """The head of a file."""
    with path.open("rb") as file:
        return file.read(count)


def sniff(head: bytes) -> tuple[str, str | None] | None:
    """(what it is, extension to rename it to) of a file that begins so; None for text and for what we cannot name."""
    for magic, name, extension in _MAGIC:
        if head.startswith(magic):
            return name, extension
    if b"%PDF-" in head[:1024]:
        return "a PDF", "pdf"
    if head[4:8] == b"ftyp":
        return "a video or sound file", None
    return ("a web page (HTML)", "html") if looks_like_html(head) else None


def looks_like_html(head: bytes) -> bool:
    """Whether it begins as a web page does, comments and an XML declaration aside."""
    return _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def is_old_office(head: bytes) -> bool:
    """Whether it begins as an OLE container does."""
    return head.startswith(_OLE)


def is_encrypted_office(source: Source) -> bool:
    """Whether an OLE container holds a password-protected Office package (MS-OFFCRYPTO, stream EncryptedPackage)."""
    with source.open() as file:
        while block := file.read(2**20):
            if _ENCRYPTED_PACKAGE in block:
                return True
            if len(block) == 2**20:
                file.seek(-len(_ENCRYPTED_PACKAGE), 1)
    return False


def ole_kind(source: Source) -> tuple[str, str] | None:
    """(what it is, extension) of an OLE container by the streams inside; None for another one, or a damaged one."""
    from kosha.ingestion.parsers.untyped_ole import OleFileIO

    try:
        with source.open() as file, closing(OleFileIO(file)) as container:
            return next(((name, kind) for stream, name, kind in _OLE_STREAMS if container.exists(stream)), None)
    except (OSError, ValueError, IndexError):
        return None


def package_extension(archive: zipfile.ZipFile) -> str | None:
    """docx, xlsx or pptx by the folders inside, odt, ods, odp or epub by the declared type; None for another one."""
    names = archive.namelist()
    if "mimetype" in names:
        with archive.open("mimetype") as part:
            return _MIME_TYPES.get(part.read(200).decode("ascii", "replace").strip())
    if "[Content_Types].xml" not in names:
        return "epub" if "META-INF/container.xml" in names else None
    return next((kind for folder, kind in _OFFICE_MAIN if any(name.startswith(folder) for name in names)), None)
