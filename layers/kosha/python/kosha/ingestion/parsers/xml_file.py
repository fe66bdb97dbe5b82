"""XML of any kind: records as lines, running text as paragraphs, under the path of their elements."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.errors import Rejected
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.headings import SEPARATOR
from kosha.ingestion.parsers.ooxml import forget, local
from kosha.ingestion.parsers.parts import SECTION_CHARACTERS
from kosha.ingestion.parsers.source import Notes, Source
from kosha.ingestion.parsers.untyped_xml import Element, etree
from kosha.model.section import Kind, Section

# An element that has one of these as a child is called by what it says: a chapter by its title.
_NAMING = ("title", "name", "head", "label", "caption", "subject")
_LONGEST_NAME = 120
_DEEPEST_HEADING = 6
# Text inside these belongs to the sentence around it, as in DocBook, JATS, TEI and XHTML.
_INLINE_TAGS = """
    a abbr b bold code em emph emphasis ext-link hi i italic link literal q ref s small span strong sub sup tt u ulink
    underline var xref
"""
_INLINE = frozenset(_INLINE_TAGS.split())


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections as they are met. Entities that the file declares are never filled in, nothing is fetched.

    Raises Rejected where the file is not well-formed or nested too deeply: a part of a record may say the opposite.
    """
    walk = _Walk(notes)
    try:
        with source.open() as file:
            events = etree.iterparse(
                file, events=("start", "end", "comment"), resolve_entities=False, no_network=True, load_dtd=False,
                huge_tree=False,
            )  # fmt: skip
            depth = 0
            for event, element in events:
                if event == "comment":
                    notes.hidden.add_usual("a comment in the source", element.text or "")
                    continue
                depth += 1 if event == "start" else -1
                if event == "end" and depth == 1:  # the root's children one by one, so that many are never held at once
                    yield from walk.take(element)
                    forget(element)
                elif event == "end" and depth == 0:
                    yield from walk.end(element)
    except etree.XMLSyntaxError as error:
        raise Rejected(
            f"{source.file_name!r} is not well-formed XML: {one_line(str(error.msg))[:200]}. "
            "Mend it and upload it again."
        ) from error


@dataclass(slots=True)
class _Walk:
    """Gathers lines under one heading."""

    notes: Notes
    heading: str | None = None
    kind: Kind = "text"
    lines: list[str] = field(default_factory=list[str])
    size: int = 0
    _entities_told: bool = False

    def take(self, element: Element) -> Iterator[Section]:
        """A child of the root."""
        yield from self._element(element, (local(element.getparent()),))

    def end(self, root: Element) -> Iterator[Section]:
        """The root itself, whose children have been read: what it says of itself."""
        words = one_line(f"{_attributes(root)} {root.text or ''}")
        if words:
            yield from self._say(words, (local(root),), "text")
        yield from self._flush()

    def _element(self, element: Element, path: tuple[str, ...]) -> Iterator[Section]:
        name = local(element)
        children = [child for child in element if local(child)]
        self._tell_entities(element)
        is_running = _is_running(element, children)
        if not children or is_running:
            words = _running(element)
            label = "" if is_running or name.lower() in _NAMING else f"{name}: "
            yield from self._say(_with_attributes(element, words, label), path, "text")
        elif all(_is_leaf(child) for child in children) and len({local(child) for child in children}) > 1:
            pairs = [_attributes(element), *(_pair(child) for child in children)]
            yield from self._say("; ".join(filter(None, pairs)), (*path, name), "table")
        else:
            inner = (*path, _called(element, children))
            own = _attributes(element)
            if own:
                yield from self._say(own, inner, "text")
            for child in children:
                yield from self._element(child, inner)

    def _say(self, words: str, path: tuple[str, ...], kind: Kind) -> Iterator[Section]:
        heading = SEPARATOR.join(filter(None, path[-_DEEPEST_HEADING:]))
        if heading != self.heading or kind != self.kind or self.size > SECTION_CHARACTERS:
            yield from self._flush()
            self.heading, self.kind = heading, kind
        if words:
            self.lines.append(words)
            self.size += len(words) + 1

    def _flush(self) -> Iterator[Section]:
        lines, self.lines, self.size = self.lines, [], 0
        if lines:
            yield Section(("\n" if self.kind == "table" else "\n\n").join(lines), heading=self.heading, kind=self.kind)

    def _tell_entities(self, element: Element) -> None:
        if not self._entities_told and any(child.tag is etree.Entity for child in element):
            self._entities_told = True
            self.notes.warn(
                "The file declares entities of its own; they were not filled in, and their text is missing."
            )


def _is_leaf(element: Element) -> bool:
    return not any(local(child) for child in element)


def _is_running(element: Element, children: list[Element]) -> bool:
    """A paragraph: words beside its child elements, or none but marks of emphasis."""
    if not children:
        return False
    beside = (element.text or "") + "".join(child.tail or "" for child in element)
    return bool(beside.strip()) or all(local(child) in _INLINE for child in children)


def _running(element: Element) -> str:
    words = one_line("".join(_texts(element)))
    return _without_tags(words) if "</" in words or "<p>" in words or "<br" in words else words


def _texts(element: Element) -> Iterator[str]:
    """Of an element and those inside; comments, instructions and entities say nothing."""
    yield element.text or ""
    for child in element:
        if local(child):
            yield from _texts(child)
        yield child.tail or ""


def _without_tags(words: str) -> str:
    """Feeds carry web pages as text."""
    page = etree.HTML(words)
    return one_line(clean(" ".join(page.itertext()))) if page is not None else words


def _called(element: Element, children: list[Element]) -> str:
    for child in children:
        if local(child).lower() in _NAMING and _is_leaf(child):
            words = one_line(child.text or "")
            if words:
                return words[:_LONGEST_NAME]
    return local(element)


def _pair(leaf: Element) -> str:
    return _with_attributes(leaf, _running(leaf), f"{local(leaf)}: ")


def _with_attributes(element: Element, words: str, label: str) -> str:
    own = _attributes(element)
    return f"{label}{words}{f' ({own})' if own else ''}" if words else f"{label}{own}" if own else ""


def _attributes(element: Element) -> str:
    """ "price: 12, currency: EUR"; those of namespaces (xml:space, xsi:type) say nothing to a reader."""
    pairs = ((str(name), one_line(str(value))) for name, value in element.attrib.items())
    return ", ".join(f"{name}: {value}" for name, value in pairs if value and not name.startswith("{"))
