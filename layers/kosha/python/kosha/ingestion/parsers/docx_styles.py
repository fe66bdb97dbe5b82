"""Which paragraphs of a Word document are headings or items of a list."""

from kosha.ingestion.parsers.docx_hidden import is_on
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import attribute
from kosha.ingestion.parsers.untyped_xml import Element

_NOT_A_HEADING = 9  # outline level of body text
_DEEPEST_BASE = 20


class Styles:
    """What styles say of paragraphs; a style inherits from the one it is based on.

    Levels: 0 the title, 1 the highest heading. `hidden`: the styles whose text is not shown.
    """

    def __init__(self, root: Element | None) -> None:
        self._by_id: dict[str, Element] = {}
        for style in root.iterchildren("{*}style") if root is not None else ():
            self._by_id[attribute(style, "styleId") or ""] = style
        self._levels = {name: self._level_of_style(name) for name in self._by_id}
        self.hidden = frozenset(
            name for name, style in self._by_id.items() if any(map(is_on, style.iterfind("{*}rPr/{*}vanish")))
        )
        self._items = {name for name, style in self._by_id.items() if self._is_item_style(name, style)}

    def level(self, paragraph: Element) -> int | None:
        """The heading's level; None for a paragraph that is none."""
        own = _outline_level(paragraph)
        if own is not None:
            return own + 1 if own < _NOT_A_HEADING else None
        return self._levels.get(_style_of(paragraph))

    def is_item(self, paragraph: Element) -> bool:
        """Whether it has a bullet or number, of its own or by its style."""
        numbers = [attribute(number, "val") for number in paragraph.iterfind("{*}pPr/{*}numPr/{*}numId")]
        if numbers:
            return numbers[0] != "0"
        return _style_of(paragraph) in self._items

    def _level_of_style(self, id: str) -> int | None:
        based_on = id
        for _ in range(_DEEPEST_BASE):
            style = self._by_id.get(based_on)
            if style is None:
                return None
            level = _outline_level(style)
            if level is not None:
                return level + 1 if level < _NOT_A_HEADING else None
            name = _value(style, "name").lower()
            if name == "title":
                return 0
            if name.startswith("heading ") and (number := whole(name[8:], None)) is not None:
                return number
            based_on = _value(style, "basedOn")
        return None

    def _is_item_style(self, id: str, style: Element) -> bool:
        has_number = any(True for _ in style.iterfind("{*}pPr/{*}numPr"))
        return self._levels[id] is None and (has_number or _value(style, "name").lower().startswith("list "))


def _outline_level(element: Element) -> int | None:
    for mark in element.iterfind("{*}pPr/{*}outlineLvl"):
        return whole(attribute(mark, "val"), None)
    return None


def _style_of(paragraph: Element) -> str:
    return next((attribute(style, "val") or "" for style in paragraph.iterfind("{*}pPr/{*}pStyle")), "")


def _value(style: Element, name: str) -> str:
    return next((attribute(child, "val") or "" for child in style.iterchildren(f"{{*}}{name}")), "")
