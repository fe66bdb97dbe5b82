"""E-books (EPUB): chapters in the order of reading, without the book's own menus."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from kosha.errors import Rejected
from kosha.ingestion.parsers import html_page
from kosha.ingestion.parsers.clean import one_line
from kosha.ingestion.parsers.headings import SEPARATOR
from kosha.ingestion.parsers.ooxml import Package, damaged, local, opened
from kosha.ingestion.parsers.source import Notes, Source, agree
from kosha.ingestion.parsers.untyped_xml import Element
from kosha.model.section import Section

_PAGES = frozenset({"application/xhtml+xml", "text/html"})
_LARGEST_CHAPTER_BYTES = 100 * 2**20


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """The book's title and authors, then its chapters; a heading's path begins with the book's title."""
    with opened(source, "epub") as package:
        folder, book = _book(source, package)
        title = _said(book, "title")
        authors = ", ".join(filter(None, (one_line(one.text or "") for one in book.iter("{*}creator"))))
        notes.language = _said(book, "language").split("-")[0].lower() or None
        if title or authors:
            yield Section("\n".join(filter(None, (title, authors))), heading=title or None)
        names = _spine(folder, book)
        if not names:
            raise damaged(source, "it names no chapters")
        _check_rights(source, package, names)
        labels = _labels(package, folder, book)
        lost = 0
        for name in names:
            try:
                yield from _chapter(source, package, name, title, labels.get(name), notes)
            except Rejected:
                lost += 1
        if lost == len(names):
            raise damaged(source, "none of its chapters can be read")
        if lost:
            notes.warn(f"{lost} {agree(lost, 'chapter', 'chapters')} of the book could not be read.")
        if package.pictures or _has_pictures(book):
            notes.warn("Text inside pictures is not searchable; the book holds some.")


def _book(source: Source, package: Package) -> tuple[str, Element]:
    """(the folder of the book's package file, its tree)."""
    container = package.xml("META-INF/container.xml")
    path = next((one.get("full-path") for one in container.iter("{*}rootfile") if one.get("full-path")), None)
    if path is None:
        raise damaged(source, "it does not name its book")
    return posixpath.dirname(path), package.xml(path)


def _said(book: Element, name: str) -> str:
    return next((one_line(one.text or "") for one in book.iter(f"{{*}}{name}") if one_line(one.text or "")), "")


def _spine(folder: str, book: Element) -> list[str]:
    """Names of the chapters' parts in the order of reading; the table of contents is a menu."""
    items = {item.get("id"): item for item in book.iter("{*}item")}
    names: list[str] = []
    for reference in book.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split():
            continue
        if item.get("media-type") in _PAGES:
            names.append(_part(folder, item.get("href", "")))
    return list(dict.fromkeys(names))


def _part(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, unquote(address.partition("#")[0]))).lstrip("/")


def _check_rights(source: Source, package: Package, names: list[str]) -> None:
    """Raise Rejected for a book whose chapters are encrypted; fonts often are, and do not matter."""
    rights = package.optional_xml("META-INF/encryption.xml")
    references = rights.iter("{*}CipherReference") if rights is not None else ()
    locked = {_part("", one.get("URI", "")) for one in references}
    if locked & set(names):
        raise Rejected(f"{source.file_name!r} is protected against copying (DRM). Upload a copy without protection.")


def _labels(package: Package, folder: str, book: Element) -> dict[str, str]:
    """What the table of contents calls each part, for chapters without a heading of their own."""
    labels: dict[str, str] = {}
    for item in book.iter("{*}item"):
        name = _part(folder, item.get("href", ""))
        if item.get("media-type") == "application/x-dtbncx+xml":
            tree = package.optional_xml(name)
            for point in tree.iter("{*}navPoint") if tree is not None else ():
                address = next((one.get("src", "") for one in point.iterchildren("{*}content")), "")
                words = next((one_line("".join(one.itertext())) for one in point.iterchildren("{*}navLabel")), "")
                labels.setdefault(_part(posixpath.dirname(name), address), words)
        elif "nav" in item.get("properties", "").split():
            tree = package.optional_xml(name)
            for link in tree.iter("{*}a") if tree is not None else ():
                words = one_line("".join(link.itertext()))
                labels.setdefault(_part(posixpath.dirname(name), link.get("href", "")), words)
    return labels


def _chapter(
    source: Source, package: Package, name: str, title: str, label: str | None, notes: Notes
) -> Iterator[Section]:
    with package.open(name) as part:
        content = part.read(_LARGEST_CHAPTER_BYTES)
    page = html_page.Page(notes.hidden)
    for section in page.read(source.inner(posixpath.basename(name), content), notes) if content else ():
        own = section.heading or label
        path = [title, own] if own and own != title else [title]
        yield replace(section, heading=SEPARATOR.join(filter(None, path)) or None)


def _has_pictures(book: Element) -> bool:
    return any(item.get("media-type", "").startswith("image/") for item in book.iter() if local(item) == "item")
