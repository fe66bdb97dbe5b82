"""Charts and diagrams of Office files as lines: what their titles, series and shapes say."""

from itertools import zip_longest

from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.ooxml import local
from kosha.ingestion.parsers.untyped_xml import Element


def chart_lines(root: Element | None) -> list[str]:
    """The chart's titles, then a line a series: "Sales: 2023: 12; 2024: 15". Empty without a chart."""
    if root is None:
        return []
    lines = [title for title in (_title(element) for element in root.iter("{*}title")) if title]
    for series in root.iter("{*}ser"):
        name = " ".join(_values(series, "tx"))
        categories = _values(series, "cat") or _values(series, "xVal")
        values = _values(series, "val") or _values(series, "yVal")
        pairs = "; ".join(
            f"{category}: {value}" if category else value
            for category, value in zip_longest(categories, values, fillvalue="")
            if value
        )
        if pairs:
            lines.append(f"{name}: {pairs}" if name else pairs)
    return lines


def diagram_lines(root: Element | None) -> list[str]:
    """A line for each shape of a SmartArt diagram that says something."""
    if root is None:
        return []
    texts = (one_line("".join(text.text or "" for text in body.iter("{*}t"))) for body in root.iter("{*}p"))
    return [text for text in texts if text]


def _title(element: Element) -> str:
    return one_line("".join(text.text or "" for text in element.iter() if local(text) == "t"))


def _values(series: Element, name: str) -> list[str]:
    """What the chart last showed, in order of the points."""
    for holder in series.iterchildren(f"{{*}}{name}"):
        return [one_line(value.text or "") for value in holder.iter("{*}v")]
    return []
