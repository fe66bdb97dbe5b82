"""Web pages: the text a visitor reads, with headings, lists and tables; without scripts, menus and hidden parts."""

import re
from collections.abc import Iterator, Mapping

from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.html_furniture import hiding, is_furniture
from kosha.ingestion.parsers.html_table import HtmlTable
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.untyped_xml import etree
from kosha.model.section import Section

_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]{0,200}?encoding=[\"']([\w-]+)", re.I
)
_NEVER_TEXT = frozenset({"script", "style", "template", "svg", "math", "object", "embed", "iframe", "canvas", "map"})
_CONTROLS = frozenset({"button", "select", "datalist", "dialog", "menu"})
_MENUS = frozenset({"nav", "aside", "footer"})
_WHOLE = frozenset({"html", "body", "main"})  # never furniture, and never hidden: there would be nothing left
_UNSEEN_ATTRIBUTES = ("title", "aria-label", "content", "placeholder", "value", "data-content")
_BLOCK_TAGS = """
    address article blockquote body center dd details div dl dt fieldset figcaption figure footer form header hr html
    label legend li main ol p pre section summary ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_LINE_BREAKS = frozenset({"br", "caption"})
_TABLE_TAGS = frozenset({"table", "tr", "td", "th"})
_HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_SPACE_RUN = re.compile(r"\s+")
_SPACES = re.compile(r"(?<=\S) {2,}")
# From where a run begins, here and below: a page may be made of nothing but spaces.
_LINE_SPACE = re.compile(r"(?<! ) *\n *(?=\n)|(?<! ) +\n")
_EMPTY_ITEM = re.compile(r"(?m)^- *(?=-( |$)|$)")
_ITEM_GAP = re.compile(r"(?<!\s)\n\s*\n- +")
_BLANK_LINES = re.compile(r"\n{3,}")
_WORTH_TELLING_CHARACTERS = 200
_LONGEST_ICON_NAME = 3
_DEEPEST_TABLE = 20  # what lies deeper is read as text of the table around it


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading. Menus, footers and hidden parts are left out and told in a warning."""
    page = Page(notes.hidden)
    yield from page.read(source, notes)
    notes.language = page.language
    if page.menu_characters > _WORTH_TELLING_CHARACTERS:
        notes.warn(f"Menus, side notes and footers of the page ({page.menu_characters} characters) were left out.")


def declared_charset(source: Source) -> str | None:
    """What the page's own first bytes say it is written in; None where they say nothing."""
    found = _DECLARED.search(source.head())
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


class Page:
    """Hears the parser's events (lxml's target interface), so that no tree is held."""

    def __init__(self, hidden: HiddenText) -> None:
        self._hidden = hidden
        self._unseen: list[str] = []  # the words of the hidden part that is open
        self.headings = Headings()
        self.language: str | None = None
        self.menu_characters = 0
        self._done: list[Section] = []
        self._text: list[str] = []
        self._size = 0
        self._tables: list[HtmlTable] = []
        self._too_deep = 0  # tables that are open and not read as such
        self._muted: list[tuple[str, str]] = []  # (tag, why) of what is open and not read
        self._main_depth = 0
        self._heading: list[str] | None = None
        self._pre_depth = 0
        self._has_pre = False

    def read(self, source: Source, notes: Notes) -> Iterator[Section]:
        """The sections of a page."""
        parser = etree.HTMLParser(target=self, encoding="utf-8", huge_tree=True)
        for block in text_blocks(source, notes, declared_charset(source)):
            parser.feed(block.encode("utf-8", "replace"))
            yield from self.take()
        parser.close()
        self.end_section()
        yield from self.take()
        if any(entry.level_name == "FATAL" for entry in parser.feed_error_log):
            notes.warn("The page is nested too deeply or broken; what follows the broken place was not read.")

    def take(self) -> Iterator[Section]:
        """The sections that are whole by now."""
        done, self._done = self._done, []
        yield from done

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._muted:
            if tag == self._muted[-1][0]:
                self._muted.append((tag, self._muted[-1][1]))
            return
        for name in _UNSEEN_ATTRIBUTES:
            if name in attributes:
                self._hidden.add_usual(f"the attribute {name} of a tag", attributes[name])
        why = self._why_mute(tag, attributes)
        if why:
            if tag not in _VOID:
                self._muted.append((tag, why))
            return
        if tag == "html" and attributes.get("lang"):
            self.language = attributes["lang"].split("-")[0].lower() or None
        if tag in _HEADING_LEVELS:
            self._heading = []
        elif tag in _TABLE_TAGS:
            self._start_in_table(tag, attributes)
        else:
            self._start_in_text(tag, attributes)

    def _start_in_table(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table" and len(self._tables) >= _DEEPEST_TABLE:
            self._too_deep += 1
        elif tag == "table":
            if not self._tables:
                self.end_section()
            self._tables.append(HtmlTable())
        elif self._tables and tag == "tr":
            self._tables[-1].open_row()
        elif self._tables:
            self._tables[-1].open_cell(attributes.get("colspan", "1"), is_head=tag == "th")

    def _start_in_text(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("main", "article"):
            self._main_depth += 1
        if tag == "li":
            self._say("\n- ")
        elif tag == "pre":
            self._pre_depth += 1
            self._has_pre = True
            self._say("\n\n")
        elif tag == "img":
            alt = one_line(attributes.get("alt", ""))
            if len(alt) > _LONGEST_ICON_NAME:
                self._say(f" {alt} ")
        elif tag in _BLOCKS:
            self._say("\n\n")
        elif tag in _LINE_BREAKS:
            self._say("\n")

    def end(self, tag: str) -> None:
        if self._muted:
            if tag == self._muted[-1][0]:
                _, why = self._muted.pop()
                if not self._muted:
                    self._end_hidden(why)
            return
        if tag in ("main", "article"):
            self._main_depth = max(0, self._main_depth - 1)
        if tag in _HEADING_LEVELS:
            self._end_heading(_HEADING_LEVELS[tag])
        elif tag == "table":
            self._end_table()
        elif tag in ("td", "th"):
            if self._tables:
                self._tables[-1].close_cell()
        elif tag == "pre":
            self._pre_depth = max(0, self._pre_depth - 1)
            self._say("\n\n")
        elif tag == "title" or tag in _BLOCKS:
            self._say("\n\n")

    def data(self, text: str) -> None:
        if not self._muted:
            self._say(text if self._pre_depth else _SPACE_RUN.sub(" ", text))
        elif self._muted[-1][1] == "menu":
            self.menu_characters += len("".join(text.split()))
        elif self._muted[-1][1] != "code":
            self._unseen.append(text)

    def comment(self, text: str) -> None:
        """A comment in the source; a browser shows none."""
        self._hidden.add_usual("a comment in the source", text)

    def close(self) -> None:
        """Asked for by the interface; the page may end in a hidden part."""
        if self._muted:
            self._end_hidden(self._muted[0][1])

    def _end_hidden(self, why: str) -> None:
        if self._unseen:
            self._hidden.add(why, "".join(self._unseen))
            self._unseen = []

    def _why_mute(self, tag: str, attributes: Mapping[str, str]) -> str | None:
        if tag in _NEVER_TEXT:
            return "code"
        if tag in _CONTROLS:
            return "menu"
        if tag in _WHOLE:
            return None
        hidden = "the attribute hidden" if "hidden" in attributes else hiding(attributes.get("style", ""))
        if hidden:
            return hidden
        if tag in _MENUS and (tag == "nav" or not self._main_depth):
            return "menu"
        return "menu" if is_furniture(tag, attributes, in_main=self._main_depth > 0) else None

    def _say(self, text: str) -> None:
        if self._heading is not None:
            self._heading.append(text)
        elif self._tables and self._tables[-1].cell is not None:
            self._tables[-1].cell.append(text)
        else:
            self._text.append(text)
            self._size += len(text)
            if self._size > SECTION_CHARACTERS and text.startswith("\n") and not self._tables:
                self.end_section()

    def _end_heading(self, level: int) -> None:
        title = one_line("".join(self._heading or []))
        self._heading = None
        if not title:
            return
        if self._tables:  # a heading inside a table that places text
            self._say(f"\n\n{title}\n\n")
            return
        self.end_section()
        self.headings.enter(level, title)
        self._say(f"{title}\n\n")

    def _end_table(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        if not self._tables:
            return
        text, kind = self._tables.pop().text()
        if self._tables:
            self._say(f"\n{text}\n")
            return
        self.end_section()
        if text:
            self._done.append(Section(text, heading=self.headings.path, kind=kind))

    def end_section(self) -> None:
        """Close the section being gathered."""
        text = clean("".join(self._text))
        if not self._has_pre:
            text = _SPACES.sub(" ", text)
        text = _EMPTY_ITEM.sub("", _LINE_SPACE.sub("\n", text))
        text = _BLANK_LINES.sub("\n\n", _ITEM_GAP.sub("\n- ", text)).strip()
        self._text, self._size, self._has_pre = [], 0, self._pre_depth > 0
        if text:
            self._done.append(Section(text, heading=self.headings.path))
