"""Office files and e-books: a ZIP of XML parts, opened with care."""

import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from kosha.errors import Rejected, TooLarge
from kosha.ingestion.parsers.sniff import is_encrypted_office, is_old_office, package_extension
from kosha.ingestion.parsers.source import Notes, Source, agree
from kosha.ingestion.parsers.untyped_xml import Element, etree

_MOST_PARTS = 20_000
_RATIO_COUNTS_FROM_BYTES = 50 * 2**20
# What reading a damaged archive raises; zipfile has NotImplementedError for a compression or version it does not know.
_UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)
_KINDS = {
    "docx": "a Word document",
    "xlsx": "an Excel workbook",
    "pptx": "a PowerPoint presentation",
    "odt": "an OpenDocument text",
    "ods": "an OpenDocument spreadsheet",
    "odp": "an OpenDocument presentation",
    "epub": "an e-book (EPUB)",
}
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".webp")


@dataclass(frozen=True, slots=True)
class Relation:
    """A part that another part names: `kind` is the last word of the relation's type, such as "slide"."""

    kind: str
    target: str


class Package:
    """The parts of an Office file, checked as a whole before any is unpacked; big ones are read as a stream."""

    def __init__(self, source: Source, archive: zipfile.ZipFile) -> None:
        self._source = source
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}
        self.damaged: list[str] = []

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def names(self, folder: str, extension: str = "") -> list[str]:
        """Parts under a folder, in the archive's order."""
        return [
            name for name in self._archive.namelist() if name.startswith(folder) and name.lower().endswith(extension)
        ]

    @property
    def pictures(self) -> int:
        return sum(1 for name in self._archive.namelist() if "/media/" in name and name.lower().endswith(_PICTURES))

    @property
    def about_pictures(self) -> str:
        """The warning that a file with pictures deserves."""
        count = agree(self.pictures, "one", str(self.pictures))
        return f"Text inside pictures is not searchable; the file holds {count}."

    @contextmanager
    def open(self, name: str) -> Generator[IO[bytes]]:
        """A part's bytes. Raises Rejected where the part is missing or its bytes are damaged."""
        try:
            with self._archive.open(self._names[name.lower()]) as part:
                yield part
        except KeyError as error:
            raise damaged(self._source, f"its part {name!r} is missing") from error
        except _UNPACK_ERRORS as error:
            raise damaged(self._source, f"its part {name!r} cannot be unpacked") from error
        except etree.XMLSyntaxError as error:
            raise damaged(self._source, f"its part {name!r} is not well-formed") from error

    def xml(self, name: str) -> Element:
        """A small part as a tree."""
        with self.open(name) as part:
            return self._without_entities(name, etree.parse(part, _parser()).getroot())

    def optional_xml(self, name: str) -> Element | None:
        """A part that the document can be read without: None where it is missing or broken, and then noted."""
        if not self.has(name):
            return None
        try:
            return self.xml(name)
        except Rejected:
            self.damaged.append(name)
            return None

    def stream(self, name: str, *tags: str) -> Iterator[Element]:
        """Elements of these local names in a part, each when it is whole. The caller forgets what it has read."""
        with self.open(name) as part:
            wanted = tuple(f"{{*}}{tag}" for tag in tags)
            first = True
            for _, element in etree.iterparse(part, tag=wanted, resolve_entities=False, no_network=True):
                if first:
                    self._without_entities(name, element)
                    first = False
                yield element

    def _without_entities(self, name: str, element: Element) -> Element:
        """Office writes no document type; one that is there declares entities, to blow up or to hide text."""
        if element.getroottree().docinfo.internalDTD is not None:
            raise damaged(self._source, f"its part {name!r} declares XML entities")
        return element

    def relations(self, name: str) -> dict[str, Relation]:
        """By id, the parts inside the package that a part names; those of the package itself for ""."""
        folder, base = posixpath.split(name)
        root = self.optional_xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, Relation] = {}
        for item in root.iter("{*}Relationship") if root is not None else ():
            if item.get("TargetMode") != "External":
                kind = item.get("Type", "").rsplit("/", 1)[-1]
                found[item.get("Id", "")] = Relation(kind, _resolved(folder, item.get("Target", "")))
        return found

    def main_part(self, usual: str) -> str:
        """The part that the package's own relations call its document."""
        if self.has(usual):
            return usual
        found = [relation.target for relation in self.relations("").values() if relation.kind == "officeDocument"]
        return found[0] if found else usual


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _parser() -> object:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )


def forget(element: Element) -> None:
    """Free an element of a stream and those before it, so that a big part is never held as a whole."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def local(element: Element) -> str:
    """An element's name without its namespace ("strict" files use other ones); "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its local name."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    return None


def damaged(source: Source, why: str) -> Rejected:
    return Rejected(
        f"{source.file_name!r} is damaged or cut off: {why}. Open it in its program, save it anew, and upload that."
    )


@contextmanager
def opened(source: Source, extension: str) -> Generator[Package]:
    """The package of a file of that kind. Raises Rejected for a password, damage, another kind or a bomb."""
    head = source.head()
    if is_old_office(head):
        raise _old_office(source, extension)
    with source.open() as file:
        try:
            archive = zipfile.ZipFile(file)
        except _UNPACK_ERRORS as error:
            raise damaged(source, "its directory of parts cannot be read") from error
        with archive:
            _check(source, archive, extension)
            yield Package(source, archive)


def _old_office(source: Source, extension: str) -> Rejected:
    if is_encrypted_office(source):
        return Rejected(f"{source.file_name!r} is protected by a password. Remove the protection and upload it again.")
    return Rejected(
        f"{source.file_name!r} is in an old Office format, although its name says .{extension}. "
        f"Open it, save it as .{extension}, and upload that."
    )


def _check(source: Source, archive: zipfile.ZipFile, extension: str) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Rejected(f"{source.file_name!r} is protected by a password. Remove the protection and upload it again.")
    unpacked = sum(part.file_size for part in parts)  # zipfile never unpacks more of a part than it declares
    ratio = unpacked / max(1, source.size_bytes)
    limits = source.limits
    if len(parts) > _MOST_PARTS:
        raise TooLarge(f"{source.file_name!r} has {len(parts)} parts inside; the limit is {_MOST_PARTS}. Split it.")
    if unpacked > limits.unpacked_bytes or (ratio > limits.unpack_ratio and unpacked > _RATIO_COUNTS_FROM_BYTES):
        raise TooLarge(
            f"{source.file_name!r} unpacks to {unpacked / 2**20:,.0f} MB, {ratio:,.0f} times its size; the limits are "
            f"{limits.unpacked_bytes / 2**20:,.0f} MB and {limits.unpack_ratio} times. Split it and upload the parts."
        )
    try:
        found = package_extension(archive)
    except _UNPACK_ERRORS as error:
        raise damaged(source, "its declaration of type cannot be unpacked") from error
    if found == extension:
        return
    if found:
        raise Rejected(
            f"{source.file_name!r} is {_KINDS[found]}, although its name says .{extension}. "
            f"Rename it to .{found} and upload it again."
        )
    raise Rejected(
        f"{source.file_name!r} is a ZIP archive but not {_KINDS[extension]}. Unpack it and upload the files inside."
    )


def tell_properties(package: Package, notes: Notes) -> None:
    """Look at what a file says of itself beside its text: description, keywords, properties of its own."""
    for name in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"):
        root = package.optional_xml(name)
        for element in root.iter() if root is not None else ():
            if local(element) and (element.text or "").strip():
                notes.hidden.add_usual("the file's properties", element.text)
