"""What readers wrote onto a PDF page: notes and remarks."""

import ctypes

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.untyped_pdf import Handle, Page, raw

# Links, form fields and pop-ups carry no words of their own: fields are read with the page, a pop-up repeats its note.
_WORDLESS = frozenset({raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_POPUP})
_MOST_ANNOTATIONS = 2000


def comments_of(page: Page) -> list[str]:
    """ "[Comment: ...]" for each annotation that has words, in the order of the page."""
    comments: list[str] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MOST_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if raw.FPDFAnnot_GetSubtype(annotation) not in _WORDLESS:
                words = one_line(_contents(annotation))
                if words:
                    comments.append(f"[Comment: {words}]")
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return comments


def _contents(annotation: Handle) -> str:
    size_bytes = raw.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    if size_bytes <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size_bytes)
    raw.FPDFAnnot_GetStringValue(
        annotation, b"Contents", ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size_bytes
    )
    return buffer.raw[:-2].decode("utf-16-le", "replace")
