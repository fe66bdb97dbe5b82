"""Text on a PDF page that a person cannot see: a way to smuggle words into an answer."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import raw

Box = tuple[float, float, float, float]  # left, bottom, right, top in points

_DEEPEST_FORM = 8
_MOST_OBJECTS = 200_000
_WHITE = 250
_SMALLEST_POINTS = 1.0
_SCAN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class PageLook:
    """hidden: text was removed. is_scan: all text is an invisible layer over a picture (OCR). picture_share: 0..1."""

    hidden: bool
    is_scan: bool
    picture_share: float


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Something on the page, in the order of drawing. `parent` is the form it lies in, None for the page itself."""

    handle: raw.FPDF_PAGEOBJECT
    parent: raw.FPDF_PAGEOBJECT | None
    kind: int


def look_at(page: pypdfium2.PdfPage) -> PageLook:
    """Remove from the page in memory the text that cannot be seen.

    Invisible text over a picture of the page is what a scanner recognised in it: where there is no visible text it is
    kept. Otherwise invisible, transparent and tiny text, and white text with nothing behind it, is removed.
    """
    drawn = list(_drawn(page))
    share = _picture_share(page, drawn)
    texts = sum(1 for thing in drawn if thing.kind == raw.FPDF_PAGEOBJ_TEXT)
    unseen = [
        thing
        for order, thing in enumerate(drawn)
        if thing.kind == raw.FPDF_PAGEOBJ_TEXT and _is_unseen(thing, drawn[:order] if thing.parent is None else None)
    ]
    if unseen and len(unseen) == texts and share > _SCAN_SHARE:
        return PageLook(hidden=False, is_scan=True, picture_share=share)
    for thing in unseen:
        if thing.parent is None:
            raw.FPDFPage_RemoveObject(page, thing.handle)
        else:
            raw.FPDFFormObj_RemoveObject(thing.parent, thing.handle)
    return PageLook(hidden=bool(unseen), is_scan=False, picture_share=share)


def _drawn(page: pypdfium2.PdfPage) -> Iterator[_Drawn]:
    for index in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _with_inner(raw.FPDFPage_GetObject(page, index), None, 0)


def _with_inner(
    handle: raw.FPDF_PAGEOBJECT, parent: raw.FPDF_PAGEOBJECT | None, depth: int
) -> Iterator[_Drawn]:
    kind = raw.FPDFPageObj_GetType(handle)
    yield _Drawn(handle, parent, kind)
    if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
        for index in range(min(raw.FPDFFormObj_CountObjects(handle), _MOST_OBJECTS)):
            yield from _with_inner(raw.FPDFFormObj_GetObject(handle, index), handle, depth + 1)


def _picture_share(page: pypdfium2.PdfPage, drawn: list[_Drawn]) -> float:
    area = 0.0
    for thing in drawn:
        if thing.kind == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = _box(thing.parent or thing.handle)
            area += max(0.0, right - left) * max(0.0, top - bottom)
    width, height = page.get_size()
    return min(1.0, area / (width * height)) if width * height else 0.0


def _is_unseen(thing: _Drawn, behind: list[_Drawn] | None) -> bool:
    """behind: what was drawn before; None where its place is not known (inside a form), so that white counts as seen."""
    mode = raw.FPDFTextObj_GetTextRenderMode(thing.handle)
    if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
        return True
    if mode != raw.FPDF_TEXTRENDERMODE_FILL:
        return False
    color = _fill(thing.handle)
    if color is not None and color[3] == 0:
        return True
    if _is_tiny(thing.handle):
        return True
    if behind is None or not _is_white(color):
        return False
    left, bottom, right, top = _box(thing.handle)
    centre = (left + right) / 2, (bottom + top) / 2
    return not any(_is_ground(other, centre) for other in behind)


def _is_ground(thing: _Drawn, point: tuple[float, float]) -> bool:
    """Whether something lies under the point that white text can be read on."""
    if thing.kind == raw.FPDF_PAGEOBJ_TEXT or thing.parent is not None:
        return False
    left, bottom, right, top = _box(thing.handle)
    if not (left <= point[0] <= right and bottom <= point[1] <= top):
        return False
    return thing.kind != raw.FPDF_PAGEOBJ_PATH or not _is_white(_fill(thing.handle))


def _is_white(color: tuple[int, int, int, int] | None) -> bool:
    return color is not None and min(color[:3]) >= _WHITE


def _is_tiny(text: raw.FPDF_PAGEOBJECT) -> bool:
    """The font's size says little, because the page may scale it: only a size of 1 or less is worth measuring."""
    size = ctypes.c_float()
    if not raw.FPDFTextObj_GetFontSize(text, size) or size.value > _SMALLEST_POINTS:
        return False
    left, bottom, right, top = _box(text)
    return 0 < min(right - left, top - bottom) and max(right - left, top - bottom) < _SMALLEST_POINTS


def _fill(handle: raw.FPDF_PAGEOBJECT) -> tuple[int, int, int, int] | None:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(handle, red, green, blue, alpha):
        return None
    return red.value, green.value, blue.value, alpha.value


def _box(handle: raw.FPDF_PAGEOBJECT) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return 0.0, 0.0, 0.0, 0.0
    return left.value, bottom.value, right.value, top.value
