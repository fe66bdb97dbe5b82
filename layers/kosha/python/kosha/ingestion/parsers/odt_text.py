"""The words of an OpenDocument paragraph, and what hangs on it: notes, comments, text boxes."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.numbers import whole
from kosha.ingestion.parsers.ooxml import Package, attribute, local
from kosha.ingestion.parsers.untyped_xml import Element

_MOST_SPACES = 100
_HIDDEN_FIELDS = frozenset({"hidden-text", "hidden-paragraph"})
_NOT_TEXT = frozenset({"tracked-changes", "change", "change-start", "change-end", "sequence-decls", "note-citation"})


@dataclass(slots=True)
class OdtText:
    """hidden_styles: names of styles whose text is not shown."""

    hidden: HiddenText
    hidden_styles: frozenset[str] = field(default_factory=frozenset[str])

    @staticmethod
    def of(package: Package, hidden: HiddenText) -> "OdtText":
        styles = package.optional_xml("styles.xml")
        found = list(styles.iter("{*}style")) if styles is not None else []
        for element in package.stream("content.xml", "style", "h", "p"):
            if local(element) != "style":  # the styles stand before the first paragraph
                break
            found.append(element)
        names = {attribute(style, "name") or "" for style in found if _is_hidden(style)}
        return OdtText(hidden, frozenset(names))

    def paragraph(self, paragraph: Element) -> tuple[str, list[str]]:
        """(its words, texts that stand beside it, each a paragraph of its own)."""
        asides: list[str] = []
        if attribute(paragraph, "style-name") in self.hidden_styles:
            self.hidden.add("hidden characters", "".join(paragraph.itertext()))
            return "", asides
        return "".join(self._words(paragraph, asides)), asides

    def _words(self, element: Element, asides: list[str]) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            yield from self._child(child, local(child), asides)
            yield child.tail or ""

    def _child(self, child: Element, name: str, asides: list[str]) -> Iterator[str]:
        if name == "s":
            yield " " * min(whole(attribute(child, "c"), 1), _MOST_SPACES)
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n"
        elif name == "note":
            asides.append(self._aside(child, (attribute(child, "note-class") or "footnote").capitalize()))
        elif name == "annotation":
            author = next((one_line(one.text or "") for one in child.iterchildren("{*}creator")), "")
            asides.append(self._aside(child, f"Comment by {author}" if author else "Comment"))
        elif name == "frame":
            asides.extend(self._frame(child))
        elif name in _HIDDEN_FIELDS or attribute(child, "style-name") in self.hidden_styles:
            self.hidden.add("hidden characters", "".join(child.itertext()) or attribute(child, "string-value") or "")
        elif name and name not in _NOT_TEXT:
            yield from self._words(child, asides)

    def _aside(self, note: Element, label: str) -> str:
        words = one_line("\n".join("".join(self._words(paragraph, [])) for paragraph in note.iter("{*}p")))
        return f"[{label}: {words}]" if words else ""

    def _frame(self, frame: Element) -> Iterator[str]:
        """The paragraphs of a text box; what a picture is said to show is kept as text."""
        for box in frame.iterchildren("{*}text-box"):
            for paragraph in box.iter("{*}p", "{*}h"):
                words = clean("".join(self._words(paragraph, []))).strip()
                if words:
                    yield words
        for said in frame.iterchildren("{*}title", "{*}desc"):
            words = one_line(said.text or "")
            if words:
                yield f"[Picture: {words}]"


def _is_hidden(style: Element) -> bool:
    """Not shown at all, or a point high. White letters may stand on a dark cell: they are kept."""
    for properties in style.iterchildren("{*}text-properties"):
        size = (attribute(properties, "font-size") or "").removesuffix("pt")
        if attribute(properties, "display") == "none" or (size.replace(".", "", 1).isdigit() and float(size) <= 1):
            return True
    return False
