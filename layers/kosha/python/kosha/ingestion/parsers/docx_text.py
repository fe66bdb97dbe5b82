"""The words of a Word paragraph, and what hangs on it: text boxes, footnotes, comments."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.docx_hidden import hiding
from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.ooxml import Package, attribute, local
from kosha.ingestion.parsers.untyped_xml import Element

# Deleted and moved-away text, field codes, properties, and the copy of a drawing for old programs.
_NOT_TEXT = frozenset({"del", "delText", "moveFrom", "instrText", "Fallback", "pPr", "sectPr", "delInstrText"})
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(slots=True)
class Notepad:
    """The document's footnotes, endnotes and comments by id, its hidden styles, and where hidden text is noted."""

    hidden: HiddenText
    hidden_styles: frozenset[str] = frozenset()
    notes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    @staticmethod
    def of(package: Package, hidden: HiddenText, hidden_styles: frozenset[str]) -> "Notepad":
        pad = Notepad(hidden, hidden_styles)
        for part, item in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
            root = package.optional_xml(f"word/{part}.xml")
            if root is not None:
                pad.notes[item] = {
                    attribute(note, "id") or "": _note_text(note, pad, item)
                    for note in root.iterchildren(f"{{*}}{item}")
                }
        return pad

    def aside(self, reference: str, id: str | None) -> str | None:
        """ "[Footnote: ...]" for a reference element's name such as "footnoteReference"."""
        words = self.notes.get(reference.removesuffix("Reference"), {}).get(id or "")
        return words or None


def _note_text(note: Element, pad: Notepad, item: str) -> str:
    words = one_line("\n".join(paragraph_text(paragraph, pad).text for paragraph in note.iter("{*}p")))
    author = attribute(note, "author") if item == "comment" else None
    label = f"Comment by {one_line(author)}" if author else item.capitalize()
    return f"[{label}: {words}]" if words else ""


@dataclass(slots=True)
class ParagraphText:
    """asides: texts that stand beside the paragraph, each a paragraph of its own."""

    text: str
    asides: list[str]


def paragraph_text(paragraph: Element, pad: Notepad) -> ParagraphText:
    """What a reader sees of a paragraph; changes that are tracked count as accepted."""
    asides: list[str] = []
    return ParagraphText("".join(_words(paragraph, pad, asides)), asides)


def _words(element: Element, pad: Notepad, asides: list[str]) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name in _NOT_TEXT or not name:
            continue
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name == "txbxContent":
            asides.extend(_box(child, pad))
        elif name.endswith("Reference"):
            aside = pad.aside(name, attribute(child, "id"))
            if aside:
                asides.append(aside)
        elif name == "r" and (how := hiding(child, pad.hidden_styles)):
            pad.hidden.add(how, "".join(text.text or "" for text in child.iter("{*}t")))
        elif name == "docPr":
            asides.extend(_picture(child))
        else:
            yield from _words(child, pad, asides)


def _box(box: Element, pad: Notepad) -> Iterator[str]:
    for paragraph in box.iter("{*}p"):
        inner = paragraph_text(paragraph, pad)
        words = clean(inner.text).strip()
        if words:
            yield words


def _picture(mark: Element) -> Iterator[str]:
    """What a picture is said to show."""
    words = one_line(attribute(mark, "descr") or "")
    if words:
        yield f"[Picture: {words}]"
