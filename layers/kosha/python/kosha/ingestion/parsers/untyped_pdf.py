"""pdfium, whose Python binding has no types: named once, so that no other module needs to say so."""

from typing import Any

import pypdfium2 as _pdfium  # pyright: ignore[reportMissingTypeStubs] - it has none

pdfium: Any = _pdfium
raw: Any = _pdfium.raw
PdfiumError = _pdfium.PdfiumError

Document = Any
Page = Any
Handle = Any
"""A pointer that pdfium gave out."""
