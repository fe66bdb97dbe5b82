"""olefile, whose types are only half there: named once, so that no other module needs to say so."""

from typing import Any

from olefile import OleFileIO as _OleFileIO  # pyright: ignore[reportUnknownVariableType] - only half typed

OleFileIO: Any = _OleFileIO
