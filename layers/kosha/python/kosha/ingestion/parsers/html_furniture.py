"""What of a web page is no text of it: parts that nobody sees, and the furniture around an article."""

import re
from collections.abc import Mapping

_HIDING = (
    ("display: none", re.compile(r"display\s*:\s*none")),
    ("visibility: hidden", re.compile(r"visibility\s*:\s*(?:hidden|collapse)")),
    ("letters without size", re.compile(r"font-size\s*:\s*0*(?:\.0+)?[01]?(?:px|pt|em|rem|%)?\s*(?:;|!|$)")),
    ("transparent", re.compile(r"(?<![\w-])opacity\s*:\s*0*(?:\.0+)?%?\s*(?:;|!|$)|(?<![\w-])color\s*:\s*transparent")),
    ("off the page", re.compile(r"(?:left|top|right|bottom|text-indent|margin-left)\s*:\s*-\s*\d{4,}")),
)
_COLOR = re.compile(r"(?<![\w-])(color|background(?:-color)?)\s*:\s*([^;!]+)")
_NO_SIZE = re.compile(r"(?<![\w-])(?:max-)?(?:width|height)\s*:\s*[01](?:px|pt|em)?\s*(?:;|!|$)")
_WHITE = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)", "#fefefe", "rgba(255,255,255,1)"})

_ROLES = frozenset({
    "navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog", "toolbar",
})  # fmt: skip
# Names that makers of sites give to furniture. Only a whole name counts: "has-sidebar" is on the box around everything.
_COOKIES = re.compile(
    r"(?:[\w-]+-)?(?:cookies?|consent|gdpr|cmp)-?(?:banner|bar|notice|popup|overlay|modal|box|message|wall)[\w-]*"
    r"|onetrust-[\w-]+|cookiebot|cc-window|didomi-[\w-]+|cookies?|md-consent[\w-]*",
    re.I,
)
_AROUND = re.compile(
    r"(?:(?:site|page|main|global|top|left|right|primary|secondary|mobile|wiki|doc|docs|md)[-_]{1,2})?"
    r"(?:nav|navbar|navigation|menu|menubar|breadcrumbs?|side-?bar|side-?nav|skip-?(?:link|nav|to-content)?|pagination|"
    r"pager|share-?(?:buttons|links|bar)|social-?(?:share|links|icons|media)|newsletter(?:-signup)?|"
    r"related-?(?:posts|articles|links)|footer|toc|table-of-contents|announcement(?:-bar)?)"
    r"(?:[-_]{1,2}(?:container|wrapper|inner|list|items?|links?))?",
    re.I,
)
_BOXES = frozenset({"div", "ul", "ol", "aside", "header", "a", "section", "form", "p"})
_COOKIE_TAGS = frozenset({"div", "section", "aside", "form", "p"})


def hiding(style: str) -> str | None:
    """How an inline style hides what it is put on, such as "display: none"; None where it shows it."""
    if not style:
        return None
    style = style.lower()
    for how, pattern in _HIDING:
        if pattern.search(style):
            return how
    if "hidden" in style and "overflow" in style and _NO_SIZE.search(style):
        return "a box without size"
    return "white on white" if _is_white_on_white(style) else None


def _is_white_on_white(style: str) -> bool:
    """White letters on a white or unnamed ground, or letters in the very colour of the ground they name."""
    colors = {name.split("-")[0]: "".join(value.split()) for name, value in _COLOR.findall(style)}
    color, ground = colors.get("color"), colors.get("background")
    if color is None:
        return False
    return color == ground or (color in _WHITE and (ground is None or ground in _WHITE))


def is_furniture(tag: str, attributes: Mapping[str, str], *, in_main: bool) -> bool:
    """Menus, breadcrumbs, cookie banners, side bars, skip links. in_main: inside the article itself.

    Inside an article only rôles and cookie banners count: there a box named "menu" may be the restaurant's.
    """
    if attributes.get("role", "") in _ROLES:
        return True
    if tag not in _BOXES:
        return False
    names = f"{attributes.get('id', '')} {attributes.get('class', '')}".split()
    if tag in _COOKIE_TAGS and any(map(_COOKIES.fullmatch, names)):
        return True
    return not in_main and any(map(_AROUND.fullmatch, names))
