"""Text on a PDF page that a person cannot see: a way to smuggle words into an answer."""

import ctypes
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from kosha.ingestion.parsers.untyped_pdf import Handle, Page, raw

Box = tuple[float, float, float, float]  # left, bottom, right, top in points

_DEEPEST_FORM = 8
_MOST_OBJECTS = 200_000
_WHITE = 250
_SMALLEST_POINTS = 1.0
_SCAN_SHARE = 0.5
_RENDERED_PIXELS = 1500  # of the longer side, at most
_GRID = 1000  # points on each side of the page, to tell what lies off it
_SEEN_CONTRAST = 24  # of 255


@dataclass(frozen=True, slots=True)
class PageLook:
    """hidden: the words that were removed, by how they were hidden. picture_share: 0..1.

    is_scan: an invisible layer over a picture (OCR) was kept.
    """

    hidden: dict[str, str]
    is_scan: bool
    picture_share: float


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Something on the page. `parent` is the form it lies in, None for the page itself."""

    handle: Handle
    parent: Handle | None
    kind: int


def look_at(page: Page) -> PageLook:
    """Remove from the page in memory the text that cannot be seen.

    Invisible text over a picture of the page is what a scanner recognised in it, and is kept. Otherwise invisible,
    transparent, tiny and off-page text is removed, and white text that leaves no trace when the page is drawn.
    """
    drawn = list(_drawn(page))
    share = _picture_share(page, drawn)
    texts = [thing for thing in drawn if thing.kind == raw.FPDF_PAGEOBJ_TEXT]
    invisible = [text for text in texts if _is_invisible(text)]
    is_scan = bool(invisible) and share > _SCAN_SHARE
    unseen = {text: "invisible letters" for text in invisible if not is_scan}
    seen = set(invisible)
    for text in texts:
        how = None if text in seen else _hiding(page, text)
        if how:
            unseen[text] = how
    white = [text for text in texts if text.parent is None and text not in unseen and _is_white(text)]
    if white:
        unseen |= dict.fromkeys(_without_trace(page, white), "white on white")
    words = _words_of(page, unseen) if unseen else {}
    for thing in unseen:
        if thing.parent is None:
            raw.FPDFPage_RemoveObject(page, thing.handle)
        else:
            raw.FPDFFormObj_RemoveObject(thing.parent, thing.handle)
    return PageLook(hidden=words, is_scan=is_scan, picture_share=share)


def _hiding(page: Page, text: _Drawn) -> str | None:
    if _is_transparent(text):
        return "transparent letters"
    if _is_tiny(text):
        return "letters without size"
    return "off the page" if _is_off(page, text) else None


def _words_of(page: Page, texts: dict[_Drawn, str]) -> dict[str, str]:
    """What these say, joined by how they are hidden."""
    words: dict[str, str] = {}
    textpage = page.get_textpage()
    try:
        for text, how in texts.items():
            size_bytes = raw.FPDFTextObj_GetText(text.handle, textpage, None, 0)
            if size_bytes > 2:
                buffer = ctypes.create_string_buffer(size_bytes)
                wide = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
                raw.FPDFTextObj_GetText(text.handle, textpage, wide, size_bytes)
                words[how] = f"{words.get(how, '')} {buffer.raw[:-2].decode('utf-16-le', 'replace')}".strip()
    finally:
        textpage.close()
    return {how: said for how, said in words.items() if said.strip()}


def _drawn(page: Page) -> Iterator[_Drawn]:
    for index in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _with_inner(raw.FPDFPage_GetObject(page, index), None, 0)


def _with_inner(handle: Handle, parent: Handle | None, depth: int) -> Iterator[_Drawn]:
    kind = raw.FPDFPageObj_GetType(handle)
    yield _Drawn(handle, parent, kind)
    if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
        for index in range(min(raw.FPDFFormObj_CountObjects(handle), _MOST_OBJECTS)):
            yield from _with_inner(raw.FPDFFormObj_GetObject(handle, index), handle, depth + 1)


def _picture_share(page: Page, drawn: list[_Drawn]) -> float:
    area = 0.0
    for thing in drawn:
        if thing.kind == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = _box(thing.parent or thing.handle)
            area += max(0.0, right - left) * max(0.0, top - bottom)
    width, height = page.get_size()
    return min(1.0, area / (width * height)) if width * height else 0.0


def _is_invisible(text: _Drawn) -> bool:
    mode = raw.FPDFTextObj_GetTextRenderMode(text.handle)
    return mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)


def _is_filled(text: _Drawn) -> bool:
    return raw.FPDFTextObj_GetTextRenderMode(text.handle) == raw.FPDF_TEXTRENDERMODE_FILL


def _is_transparent(text: _Drawn) -> bool:
    color = _fill(text.handle)
    return color is not None and color[3] == 0 and _is_filled(text)


def _is_off(page: Page, text: _Drawn) -> bool:
    """Wholly outside what is shown of the page."""
    if text.parent is not None:
        return False
    box = _box(text.handle)
    has_letters = box[2] > box[0] and box[3] > box[1]
    return has_letters and _pixels_of(page, box, _GRID, _GRID) is None


def _is_white(text: _Drawn) -> bool:
    color = _fill(text.handle)
    if color is None or min(color[:3]) < _WHITE or not _is_filled(text):
        return False
    left, bottom, right, top = _box(text.handle)
    return right > left and top > bottom  # a space has no box, and hides nothing


def _is_tiny(text: _Drawn) -> bool:
    """Smaller than a point. A font of size 1 is usual where the page enlarges it by its matrix."""
    size = ctypes.c_float()
    if not raw.FPDFTextObj_GetFontSize(text.handle, size) or size.value > _SMALLEST_POINTS or text.parent is not None:
        return False
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(text.handle, matrix):
        return False
    return size.value * math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c)) < _SMALLEST_POINTS


def _without_trace(page: Page, texts: list[_Drawn]) -> list[_Drawn]:
    """Of these the texts where the page, drawn as a picture, shows one even colour: white on white, or covered."""
    width, height = page.get_size()
    scale = min(2.0, _RENDERED_PIXELS / max(width, height, 1.0))
    with closing(page.render(scale=scale, grayscale=True)) as bitmap:
        pixels, stride = memoryview(bitmap.buffer).cast("B"), bitmap.stride

        def leaves_trace(text: _Drawn) -> bool:
            seen = _pixels_of(page, _box(text.handle), bitmap.width, bitmap.height)
            if seen is None:
                return False  # off the page
            x_range, y_range = seen
            rows = (pixels[y * stride + x_range.start : y * stride + x_range.stop] for y in y_range)
            spans = [(min(row), max(row)) for row in rows if len(row)]
            return bool(spans) and max(high for _, high in spans) - min(low for low, _ in spans) > _SEEN_CONTRAST

        return [text for text in texts if not leaves_trace(text)]


def _pixels_of(page: Page, box: Box, width: int, height: int) -> tuple[range, range] | None:
    """Columns and rows of the picture of the page that a box covers; rotation and crop box are pdfium's to know."""
    corners: list[tuple[int, int]] = []
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        column, row = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, column, row):
            return None
        corners.append((column.value, row.value))
    columns, rows = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    x_range = range(max(0, columns[0]), min(width, columns[1] + 1))
    y_range = range(max(0, rows[0]), min(height, rows[1] + 1))
    return (x_range, y_range) if x_range and y_range else None


def _fill(handle: Handle) -> tuple[int, int, int, int] | None:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(handle, red, green, blue, alpha):
        return None
    return red.value, green.value, blue.value, alpha.value


def _box(handle: Handle) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return 0.0, 0.0, 0.0, 0.0
    return left.value, bottom.value, right.value, top.value
