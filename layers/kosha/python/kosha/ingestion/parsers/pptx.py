"""PowerPoint presentations: slide by slide, with tables, charts, diagrams, notes and comments."""

from collections.abc import Iterator

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.charts import chart_lines, diagram_lines
from kosha.ingestion.parsers.clean import clean, one_line
from kosha.ingestion.parsers.hidden import HiddenText
from kosha.ingestion.parsers.ooxml import Package, Relation, damaged, local, opened, tell_properties
from kosha.ingestion.parsers.pptx_hidden import Stage, descriptions
from kosha.ingestion.parsers.source import Notes, Source, agree, numbered
from kosha.ingestion.parsers.table import row_lines
from kosha.ingestion.parsers.untyped_xml import Element
from kosha.model.section import Section

_TITLES = frozenset({"title", "ctrTitle"})
_FURNITURE = frozenset({"dt", "ftr", "sldNum", "hdr"})  # date, footer, number: the same on each slide
_COMMENTS = frozenset({"comments", "comment"})


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections by slide (its number is the page), under the slide's title."""
    with opened(source, "pptx") as package:
        slides = _slides(package)
        if not slides:
            raise damaged(source, "it names no slides")
        if len(slides) > source.limits.pages:
            raise TooLarge(
                f"{source.file_name!r} has {len(slides)} slides; the limit is {source.limits.pages}. Split it."
            )
        notes.pages = len(slides)
        furniture: dict[str, None] = {}
        stage = Stage.of(package.optional_xml(package.main_part("ppt/presentation.xml")))
        lost: list[int] = []
        wordless: list[int] = []
        for number, name in enumerate(slides, start=1):
            try:
                sections = list(_slide(package, name, number, furniture, stage, notes.hidden))
            except Rejected:
                lost.append(number)
                continue
            if not sections:
                wordless.append(number)
            yield from sections
        if len(lost) == len(slides):
            raise damaged(source, "none of its slides can be read")
        tell_properties(package, notes)
        _tell(package, lost, wordless, notes)


def _slides(package: Package) -> list[str]:
    """Part names in the order of the show, then slides that the show forgot."""
    main = package.main_part("ppt/presentation.xml")
    relations = package.relations(main)
    shown: list[str] = []
    root = package.optional_xml(main)
    for slide in root.iter("{*}sldId") if root is not None else ():
        for key, value in slide.attrib.items():
            if key.startswith("{") and key.endswith("}id") and value in relations:
                shown.append(relations[value].target)
    if root is not None and shown:
        return shown
    return sorted(package.names("ppt/slides/slide", ".xml"), key=lambda name: (len(name), name))


def _slide(
    package: Package, name: str, number: int, furniture: dict[str, None], stage: Stage, hidden: HiddenText
) -> Iterator[Section]:
    """furniture: footers and dates said by the slides before; they are read once."""
    root = package.xml(name)
    relations = package.relations(name)
    title = ""
    texts: list[str] = []
    tables: list[str] = []
    for shape in _shapes(root):
        role = _role(shape)
        if role in _FURNITURE:
            words = one_line(_text(shape))
            if words and not words.isdecimal() and words not in furniture:
                furniture[words] = None
                texts.append(words)
            continue
        if role in _TITLES and not title:
            title = one_line(_text(shape))
            continue
        for table in shape.iter("{*}tbl"):
            tables.extend(_table_lines(table))
        words = _text(shape) if local(shape) == "sp" else ""
        how = stage.hiding(shape)
        if how and words:
            hidden.add(how, words, f"slide {number}")
            continue
        if words:
            texts.append(words)
    heading = title or None
    if title:
        texts.insert(0, title)
    texts.extend(descriptions(root))
    for kind, lines in _linked(package, relations):
        (tables if kind == "chart" else texts).extend(lines)
    if texts:
        yield Section("\n\n".join(texts), page=number, heading=heading)
    if tables:
        yield Section("\n".join(tables), page=number, heading=heading, kind="table")
    notes = _notes(package, relations)
    if notes:
        yield Section(f"Speaker notes:\n{notes}", page=number, heading=heading)


def _shapes(root: Element) -> Iterator[Element]:
    """Shapes and frames in the order of the slide, those inside groups too; without the copies for old programs."""
    for shape in root.iter("{*}sp", "{*}graphicFrame"):
        if not any(local(parent) == "Fallback" for parent in shape.iterancestors()):
            yield shape


def _role(shape: Element) -> str | None:
    return next((mark.get("type", "body") for mark in shape.iterfind("{*}nvSpPr/{*}nvPr/{*}ph")), None)


def _text(shape: Element) -> str:
    lines: list[str] = []
    for body in shape.iterchildren("{*}txBody"):
        for paragraph in body.iterchildren("{*}p"):
            words = clean(_paragraph(paragraph)).strip()
            if words:
                lines.append(words)
    return "\n".join(lines)


def _paragraph(paragraph: Element) -> str:
    words: list[str] = []
    for element in paragraph.iter():
        if local(element) == "t":
            words.append(element.text or "")
        elif local(element) == "br":
            words.append("\n")
    return "".join(words)


def _table_lines(table: Element) -> list[str]:
    rows = [
        ["\n".join(_paragraph(paragraph) for paragraph in cell.iter("{*}p")) for cell in row.iterchildren("{*}tc")]
        for row in table.iterchildren("{*}tr")
    ]
    return list(row_lines(rows))


def _linked(package: Package, relations: dict[str, Relation]) -> Iterator[tuple[str, list[str]]]:
    """("chart" or "text", lines) of the charts, diagrams and comments that a slide names."""
    for relation in relations.values():
        if relation.kind == "chart":
            yield "chart", chart_lines(package.optional_xml(relation.target))
        elif relation.kind == "diagramData":
            yield "text", diagram_lines(package.optional_xml(relation.target))
        elif relation.kind in _COMMENTS:
            root = package.optional_xml(relation.target)
            yield "text", _comments(root) if root is not None else []


def _comments(root: Element) -> list[str]:
    found: list[str] = []
    for comment in root.iter("{*}cm", "{*}reply"):
        own = "".join(
            text.text or ""
            for text in comment.iter("{*}t", "{*}text")
            if next((parent for parent in text.iterancestors() if local(parent) in ("cm", "reply")), None) is comment
        )
        if one_line(own):
            found.append(f"[Comment: {one_line(own)}]")
    return found


def _notes(package: Package, relations: dict[str, Relation]) -> str:
    for relation in relations.values():
        if relation.kind == "notesSlide":
            root = package.optional_xml(relation.target)
            shapes = _shapes(root) if root is not None else ()
            return "\n".join(
                filter(None, (_text(shape) for shape in shapes if _role(shape) not in {*_FURNITURE, "sldImg"}))
            )
    return ""


def _tell(package: Package, lost: list[int], wordless: list[int], notes: Notes) -> None:
    if lost:
        verb = agree(len(lost), "could not be read and is", "could not be read and are")
        notes.warn(f"{numbered('Slide', lost)} {verb} not searchable.")
    if wordless:
        verb = agree(len(wordless), "has no text (pictures only?) and is", "have no text (pictures only?) and are")
        notes.warn(f"{numbered('Slide', wordless)} {verb} not searchable.")
    if package.damaged:
        notes.warn(f"Damaged parts of the file were left out: {', '.join(package.damaged[:10])}.")
    if package.pictures:
        notes.warn(package.about_pictures)
