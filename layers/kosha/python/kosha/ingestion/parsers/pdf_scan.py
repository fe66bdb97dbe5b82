"""PDF pages that are pictures: which they are, and how they are drawn for text recognition."""

from contextlib import closing
from itertools import islice

from kosha.ingestion.parsers.ocr import Picture
from kosha.ingestion.parsers.pdf_hidden import PageLook
from kosha.ingestion.parsers.untyped_pdf import Page, raw

_LONGEST_SIDE_PIXELS = 2000
_POINTS_AN_INCH = 72
_MOST_DOTS_AN_INCH = 300
_FEWEST_LETTERS = 20  # a page number, a stamp
_WHOLE_PAGE = 0.5


def is_picture(page: Page, text: str, look: PageLook, *, has_comments: bool) -> bool:
    """Whether what a person reads on the page is in neither its text nor its comments: a scan, letters drawn as curves.

    An empty page is none, and neither is a scan with the layer of text that a scanner added.
    """
    letters = sum(1 for _ in islice(filter(str.isalnum, text), _FEWEST_LETTERS))
    if letters and (look.is_scan or look.picture_share <= _WHOLE_PAGE):
        return False
    return letters < _FEWEST_LETTERS and (_draws(page) or (not has_comments and _has_annotations(page)))


def drawn(page: Page) -> Picture:
    """The page as a reader of PDF shows it."""
    scale = min(_LONGEST_SIDE_PIXELS / max(*page.get_size(), 1.0), _MOST_DOTS_AN_INCH / _POINTS_AN_INCH)
    with closing(page.render(scale=scale)) as bitmap:
        return bitmap.to_numpy()[:, :, :3].copy()


def _draws(page: Page) -> bool:
    """Whether the page shows anything that is no text: pictures, curves."""
    kinds = (
        raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, index)) for index in range(raw.FPDFPage_CountObjects(page))
    )
    return any(kind != raw.FPDF_PAGEOBJ_TEXT for kind in kinds)


def _has_annotations(page: Page) -> bool:
    """Stamps and the like, which may show words of their own."""
    return raw.FPDFPage_GetAnnotCount(page) > 0
