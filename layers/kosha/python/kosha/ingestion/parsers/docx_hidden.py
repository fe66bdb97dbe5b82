"""How a run of a Word document is kept from a reader's eyes."""

from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import attribute, local
from kosha.ingestion.parsers.untyped_xml import Element

_OFF = frozenset({"0", "false", "off", "none"})
_TINY_HALF_POINTS, _USUAL_HALF_POINTS = 2, 22
_WHITE = frozenset({"ffffff", "fefefe", "fdfdfd"})
_PLAIN_GROUND = frozenset({"auto", "ffffff", "clear", "nil", ""})
# White letters stand on what these give as ground: a table's style, a shape's filling.
_GROUND_OF_ITS_OWN = frozenset({"tbl", "txbxContent", "hdr", "ftr"})


def hiding(run: Element, hidden_styles: frozenset[str]) -> str | None:
    """Such as "white letters"; None for a run that is shown."""
    for properties in run.iterchildren("{*}rPr"):
        said = {local(mark): mark for mark in properties}
        style = said.get("rStyle")
        if is_on(said.get("vanish")) or is_on(said.get("webHidden")) or is_on(said.get("specVanish")):
            return "hidden characters"
        if "vanish" not in said and style is not None and attribute(style, "val") in hidden_styles:
            return "hidden characters"
        if "sz" in said and whole(attribute(said["sz"], "val"), _USUAL_HALF_POINTS) <= _TINY_HALF_POINTS:
            return "letters without size"
        if _is_white(said) and not _stands_on_color(run, said):
            return "white letters"
    return None


def is_on(mark: Element | None) -> bool:
    """Whether a switch such as w:vanish is there and not turned off."""
    return mark is not None and attribute(mark, "val") not in _OFF


def _is_white(said: dict[str, Element]) -> bool:
    return "color" in said and (attribute(said["color"], "val") or "").lower() in _WHITE


def _stands_on_color(run: Element, said: dict[str, Element]) -> bool:
    if "highlight" in said or ("shd" in said and _is_colored(said["shd"])):
        return True
    for parent in run.iterancestors():
        if local(parent) in _GROUND_OF_ITS_OWN:
            return True
        if any(_is_colored(shade) for shade in parent.iterfind("{*}pPr/{*}shd")):
            return True
    background = run.getroottree().getroot().find("{*}background")
    return background is not None and _is_colored(background, "color")


def _is_colored(shade: Element, name: str = "fill") -> bool:
    return (attribute(shade, name) or "").lower() not in _PLAIN_GROUND
