"""What of a slide is kept from the eyes of those who watch it, and what its pictures are said to show."""

from collections.abc import Iterator
from dataclasses import dataclass

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import local
from kosha.ingestion.parsers.untyped_xml import Element

_USUAL_SIZE = (12_192_000, 6_858_000)  # of a slide, in EMU (914,400 an inch)
_TINY_HUNDREDTHS = 200  # of a point
_MADE_BY_PROGRAM = ("A picture containing", "Picture ", "Image ")


@dataclass(frozen=True, slots=True)
class Stage:
    """The size of all slides, in EMU."""

    width: int
    height: int

    @staticmethod
    def of(presentation: Element | None) -> "Stage":
        for size in presentation.iter("{*}sldSz") if presentation is not None else ():
            return Stage(_number(size.get("cx"), _USUAL_SIZE[0]), _number(size.get("cy"), _USUAL_SIZE[1]))
        return Stage(*_USUAL_SIZE)

    def hiding(self, shape: Element) -> str | None:
        """How a shape's text is hidden, such as "off the slide"; None where it is shown, or may be."""
        for mark in shape.iterfind("{*}nvSpPr/{*}cNvPr"):
            if mark.get("hidden") in ("1", "true"):
                return "a hidden shape"
        if self._is_off(shape):
            return "off the slide"
        sizes = [_number(run.get("sz"), 0) for run in shape.iter("{*}rPr") if local(run.getparent()) in ("r", "fld")]
        if sizes and all(0 < size <= _TINY_HUNDREDTHS for size in sizes):
            return "letters without size"
        return None

    def _is_off(self, shape: Element) -> bool:
        if any(local(parent) == "grpSp" for parent in shape.iterancestors()):
            return False  # its place is the group's to say
        for place in shape.iterfind("{*}spPr/{*}xfrm"):
            left, top, width, height = 0, 0, 0, 0
            for mark in place:
                if local(mark) == "off":
                    left, top = _number(mark.get("x"), 0), _number(mark.get("y"), 0)
                elif local(mark) == "ext":
                    width, height = _number(mark.get("cx"), 0), _number(mark.get("cy"), 0)
            return left >= self.width or top >= self.height or left + width < 0 or top + height < 0
        return False


def descriptions(slide: Element) -> Iterator[str]:
    """ "[Picture: ...]" for each picture or chart that is described for those who cannot see it."""
    for mark in slide.iter("{*}cNvPr"):
        words = one_line(mark.get("descr") or "")
        if words and not words.startswith(_MADE_BY_PROGRAM):
            yield f"[Picture: {words}]"


def _number(text: str | None, default: int) -> int:
    if text and text.startswith("-"):
        return -whole(text[1:], -default)
    return whole(text, default)
