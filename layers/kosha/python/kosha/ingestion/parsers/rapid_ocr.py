"""Text recognition by rapidocr: finds lines, sees which way they are turned, and reads them."""

from collections.abc import Callable, Sequence

from kosha.ingestion.parsers.ocr import Line, Picture
from kosha.ingestion.parsers.untyped_rapidocr import Engine, RapidOCRError, new_engine, turned
from kosha.ingestion.parsers.writing import is_written_downwards

_SURE = 0.9  # rapidocr's own threshold to believe that a line stands on its head
_MOSTLY = 0.5
_TALL = 1.5  # height by width of what rapidocr takes for a line that runs up or down, and turns before it reads it

Corners = Sequence[Sequence[float]]
"""Of one line, clockwise from where its upper left corner is on the picture: four times (x, y)."""


class RapidOcr:
    """Fits Ocr, without limits of time. Its models, in the library's wheel, know Chinese, Japanese, Latin and Greek."""

    def __init__(self) -> None:
        self._engine: Engine = new_engine()

    def lines(self, draw: Callable[[], Picture]) -> list[Line]:
        """Lines of the page as it lies when it is upright, whichever way the picture is turned."""
        engine = self._engine
        scaled, record = engine.preprocess_img(draw())
        try:
            crops, found = engine.detect_and_crop(scaled, record)
        except RapidOCRError:
            return []  # this is how it says that there is no text
        boxes: list[Corners] = found.boxes.tolist()
        tall = [_is_tall(corners) for corners in boxes]
        on_head = _on_head(engine, crops, tall)
        upright = [turned(crop) if on_head[is_tall] else crop for crop, is_tall in zip(crops, tall, strict=True)]
        read = engine.recognize_txt(upright)
        height, width = scaled.shape[:2]
        texts: list[str] = [text.strip() for text in read.txts]
        quarter_turns = _quarter_turns(texts, tall, on_head)
        return [
            _line(text, [_upright(x, y, width, height, quarter_turns) for x, y in corners], float(score))
            for text, corners, score in zip(texts, boxes, read.scores, strict=True)
            if text
        ]


def _is_tall(corners: Corners) -> bool:
    (ax, ay), (bx, by), _, (dx, dy) = corners
    return ((dx - ax) ** 2 + (dy - ay) ** 2) >= _TALL**2 * ((bx - ax) ** 2 + (by - ay) ** 2)


def _on_head(engine: Engine, crops: list[Picture], tall: list[bool]) -> dict[bool, bool]:
    """For lines that run across (False) and up or down (True): whether they stand on their heads.

    The lines of a page vote, each by its length: alone a short one is mistaken too often.
    """
    labels: list[tuple[str, float]] = engine.cls_and_rotate(crops)[1].cls_res
    votes = {False: [0, 0], True: [0, 0]}
    for (label, score), crop, is_tall in zip(labels, crops, tall, strict=True):
        length: int = crop.shape[1]
        votes[is_tall][0] += length
        votes[is_tall][1] += length if label == "180" and score > _SURE else 0
    return {is_tall: headless > _MOSTLY * every for is_tall, (every, headless) in votes.items()}


def _quarter_turns(texts: list[str], tall: list[bool], on_head: dict[bool, bool]) -> int:
    """How many times the page has to be turned counterclockwise by 90 degrees to be upright."""
    across = sum(len(text) for text, is_tall in zip(texts, tall, strict=True) if not is_tall)
    up_or_down = "".join(text for text, is_tall in zip(texts, tall, strict=True) if is_tall)
    if len(up_or_down) > across and not is_written_downwards(up_or_down):
        return 3 if on_head[True] else 1
    return 2 if across and on_head[False] else 0


def _upright(x: float, y: float, width: int, height: int, quarter_turns: int) -> tuple[float, float]:
    """Where a point of the picture lies when it has been turned."""
    return {0: (x, y), 1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}[quarter_turns]


def _line(text: str, corners: list[tuple[float, float]], confidence: float) -> Line:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return Line(text, min(xs), min(ys), max(xs), max(ys), confidence)
