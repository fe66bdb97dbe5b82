"""lxml, which has no types: named once, so that no other module needs to say so."""

from typing import Any

from lxml import etree as _etree  # pyright: ignore[reportMissingTypeStubs, reportAttributeAccessIssue, reportUnknownVariableType] - it has none

etree: Any = _etree  # pyright: ignore[reportUnknownVariableType]

Element = Any
"""Of an XML tree."""
