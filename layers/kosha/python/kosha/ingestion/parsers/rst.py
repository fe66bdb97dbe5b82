"""reStructuredText: sections, lists, tables, code and notes, as docutils reads them. Nothing is included or run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree

from kosha.errors import TooLarge
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.decode import text_blocks
from kosha.ingestion.parsers.headings import Headings
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.table import row_lines
from kosha.model.section import Section

_LARGEST_CHARACTERS = 5_000_000  # docutils takes some 10 s a megabyte and holds all of it
_SETTINGS: dict[str, Any] = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 6,
    "warning_stream": None,
    "doctitle_xform": False,
    "syntax_highlight": "none",
    "line_length_limit": 200_000,
}
_UNSEEN = frozenset({"comment", "substitution_definition", "target", "pending", "raw", "label", "index"})
_PARAGRAPHS = frozenset({"paragraph", "term", "attribution", "line", "subtitle", "rubric", "caption", "field_name"})
_CODE = frozenset({"literal_block", "doctest_block", "math_block"})


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by heading. Directives that docutils does not know are read as they stand."""
    text = ""
    for block in text_blocks(source, notes):
        text += block
        if len(text) > _LARGEST_CHARACTERS:
            raise TooLarge(
                f"{source.file_name!r} has more than {_LARGEST_CHARACTERS:,} characters. Split it and upload the parts."
            )
    yield from _Document(notes).sections(publish_doctree(text, settings_overrides=_SETTINGS))


@dataclass(slots=True)
class _Document:
    notes: Notes
    headings: Headings = field(default_factory=Headings)
    lines: list[str] = field(default_factory=list[str])
    size: int = 0
    is_tight: bool = False

    def sections(self, tree: Any) -> Iterator[Section]:
        yield from self._children(tree, 0)
        yield from self._flush()

    def _children(self, node: Any, level: int) -> Iterator[Section]:
        for child in node.children:
            yield from self._node(child, level)

    def _node(self, node: Any, level: int) -> Iterator[Section]:
        name: str = node.tagname
        if name in _UNSEEN:
            if name == "comment":
                self.notes.hidden.add_usual("a comment in the source", node.astext())
        elif name == "section":
            yield from self._children(node, level + 1)
        elif name == "title":
            yield from self._title(node, level)
        elif name in _CODE:
            yield from self._flush()
            yield Section(clean(node.astext()).strip("\n"), heading=self.headings.path, kind="code")
        elif name == "table":
            yield from self._table(node)
        elif name == "system_message":
            for block in node.children:
                if block.tagname == "literal_block":  # a directive of another program, such as Sphinx
                    self._say(block.astext())
        elif name in ("bullet_list", "enumerated_list", "field_list", "definition_list", "option_list"):
            self._list(node)
            self.is_tight = False
        elif name == "image":
            self._say(f"[Picture: {node['alt']}]" if node.get("alt") else "")
        elif name in _PARAGRAPHS or not any(hasattr(child, "tagname") for child in node.children):
            self._say(_words(node))
        else:
            yield from self._children(node, level)
        if self.size > SECTION_CHARACTERS:
            yield from self._flush()

    def _title(self, node: Any, level: int) -> Iterator[Section]:
        words = one_line(_words(node))
        if node.parent.tagname == "section":
            yield from self._flush()
            self.headings.enter(level, words)
        self._say(words)

    def _list(self, node: Any) -> None:
        """Each item a line; paragraphs of an item are joined."""
        for item in node.children:
            inner = [child for child in item.children if child.tagname.endswith("_list")]
            own = [_words(child) for child in item.children if child not in inner and child.tagname not in _UNSEEN]
            label = own.pop(0).rstrip(":") + ": " if item.tagname in ("field", "definition_list_item") and own else ""
            words = one_line(label + " ".join(own))
            if words:
                self._say(f"- {words}", tight=True)
            for child in inner:
                self._list(child)

    def _table(self, node: Any) -> Iterator[Section]:
        yield from self._flush()
        rows, heads = list[list[str]](), 0
        for row in node.findall(nodes.row):
            cells: list[str] = []
            for entry in row.children:
                cells.extend([one_line(_words(entry)), *[""] * int(entry.get("morecols", 0))])
            rows.append(cells)
            heads += row.parent.tagname == "thead"
        lines = "\n".join(row_lines(rows, has_header=heads == 1))
        if lines:
            yield Section(lines, heading=self.headings.path, kind="table")

    def _say(self, words: str, *, tight: bool = False) -> None:
        words = clean(words).strip()
        if words:
            gap = "\n" if tight and self.is_tight else "\n\n"
            self.lines.append(gap + words if self.lines else words)
            self.size += len(words) + 2
            self.is_tight = tight

    def _flush(self) -> Iterator[Section]:
        lines, self.lines, self.size = self.lines, [], 0
        if lines:
            yield Section("".join(lines), heading=self.headings.path)


def _words(node: Any) -> str:
    """Its text; line ends inside a paragraph are spaces."""
    return " ".join(str(node.astext()).split()) if node.tagname != "line" else str(node.astext())
