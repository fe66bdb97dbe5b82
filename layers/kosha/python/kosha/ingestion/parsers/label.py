"""Whether a file is what its name says; where it is not, its owner is told what it is and what to do."""

from kosha.errors import Rejected
from kosha.ingestion.parsers.sniff import is_encrypted_office, is_old_office, ole_kind, sniff
from kosha.ingestion.parsers.source import Source

PACKAGES = frozenset({"docx", "pptx", "xlsx", "odt", "epub"})
_OLE = frozenset({"doc", "ppt", "xls", "msg"})
_PICTURES = frozenset({"png", "jpg", "tiff"})
_BINARY = frozenset({*PACKAGES, *_OLE, *_PICTURES, "pdf"})
_ALIKE = {"htm": "html", "xhtml": "html", "jpeg": "jpg", "tif": "tiff"}


def check_label(source: Source) -> None:
    """Raise Rejected for a file that is another kind than its name says."""
    head = source.head()
    extension = _ALIKE.get(source.extension, source.extension)
    if extension in PACKAGES and (is_old_office(head) or head.startswith(b"PK")):
        return  # the reader of packages says more: a password, an old format, another kind of package
    if is_old_office(head):
        _check_ole(source, extension)
        return
    found = sniff(head)
    if found is None:
        if extension in _BINARY:
            raise _something_else(source, extension)
        return
    name, right = found
    if right == extension or (right == "html" and extension not in _BINARY):
        return
    raise _mislabelled(source, name, right)


def _check_ole(source: Source, extension: str) -> None:
    if is_encrypted_office(source):
        raise Rejected(f"{source.file_name!r} is protected by a password. Remove the protection and upload it again.")
    kind = ole_kind(source)
    if kind is None and extension in _OLE:
        raise _something_else(source, extension)
    name, right = kind or ("an old Office file", None)
    if right != extension:
        raise _mislabelled(source, name, right)


def _something_else(source: Source, extension: str) -> Rejected:
    kind = "a PDF" if extension == "pdf" else f"a .{extension} file"
    return Rejected(
        f"{source.file_name!r} is not {kind}, although its name says so: it is damaged or something else. "
        "Open it in its program, save it anew, and upload that."
    )


def _mislabelled(source: Source, name: str, right: str | None) -> Rejected:
    advice = f"Rename it to .{right}" if right else "Convert it to a kind that is read"
    return Rejected(
        f"{source.file_name!r} is {name}, although its name says .{source.extension}. {advice} and upload it again."
    )
