"""Files as people bring them, made on the spot, and what the parser says of them."""

import io
import zipfile
from pathlib import Path

import pytest

from kosha.errors import Rejected
from kosha.ingestion.parse import parse
from kosha.model.section import Parsed, ParseLimits


def parsed(folder: Path, name: str, content: bytes | str, limits: ParseLimits | None = None) -> Parsed:
    """What a file of that name and content is read as; text is written as UTF-8."""
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return parse(path, name, limits)


def refusal(folder: Path, name: str, content: bytes | str, limits: ParseLimits | None = None) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(Rejected) as caught:
        parsed(folder, name, content, limits)
    return str(caught.value)


def text_of(parsed: Parsed) -> str:
    return "\n".join(section.text for section in parsed.sections)


def package(parts: dict[str, str]) -> bytes:
    """An Office file of these parts."""
    return zipped({"[Content_Types].xml": "<Types/>", **parts})


def zipped(parts: dict[str, str]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()
