"""Reading a file: which kinds are taken, which reader reads them, and what all readers share."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePath

from kosha.errors import Rejected, TooLarge, UnsupportedType
from kosha.ingestion.languages import language_of
from kosha.ingestion.parsers.parts import parts_of
from kosha.ingestion.parsers.sniff import first_bytes, is_encrypted_office, is_old_office, sniff
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Parsed, ParseLimits, Section

UPLOAD_LIMIT_BYTES = 100 * 2**20

Reader = Callable[[Source, Notes], Iterator[Section]]

# Extension -> module of its reader, imported when the first such file comes.
_READERS = {
    "txt": "text", "text": "text", "log": "text", "md": "markdown", "markdown": "markdown",
    "html": "html_page", "htm": "html_page", "csv": "csv_file", "tsv": "csv_file",
    "json": "json_file", "jsonl": "json_file", "ndjson": "json_file",
    "pdf": "pdf", "docx": "docx", "pptx": "pptx", "xlsx": "xlsx",
}  # fmt: skip
EXTENSIONS = tuple(_READERS)
_OFFICE = frozenset({"docx", "pptx", "xlsx"})
_SUCCESSORS = {
    "doc": "docx", "dot": "docx", "odt": "docx", "rtf": "docx", "pages": "docx", "docm": "docx",
    "xls": "xlsx", "ods": "xlsx", "numbers": "xlsx", "xlsm": "xlsx", "xlsb": "xlsx",
    "ppt": "pptx", "odp": "pptx", "key": "pptx", "pptm": "pptx",
}  # fmt: skip
_LANGUAGE_SAMPLE_CHARACTERS = 20_000
_LONGEST_SECTION_CHARACTERS = 100_000


def accepts(file_name: str, size_bytes: int, *, limit_bytes: int = UPLOAD_LIMIT_BYTES) -> None:
    """Raise UnsupportedType, TooLarge or Rejected for a file that need not be uploaded at all."""
    extension = extension_of(file_name)
    if extension not in _READERS:
        kinds = ", ".join(f".{known}" for known in EXTENSIONS)
        ending = f"Files that end in .{extension} are" if extension else f"{file_name!r} has no extension, and is"
        successor = _SUCCESSORS.get(extension)
        advice = f" Save it as .{successor} or PDF and upload that." if successor else ""
        raise UnsupportedType(f"{ending} not read by this version.{advice} It reads {kinds}.")
    if size_bytes <= 0:
        raise Rejected(f"{file_name!r} is empty (0 bytes). Choose a file with content.")
    if size_bytes > limit_bytes:
        raise TooLarge(
            f"{file_name!r} has {_megabytes(size_bytes)} MB ({size_bytes} bytes); the limit is "
            f"{_megabytes(limit_bytes)} MB ({limit_bytes} bytes). Split it and upload the parts."
        )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.1f}".removesuffix(".0")


def extension_of(file_name: str) -> str:
    """ "Report.PDF" -> "pdf"; "" without one."""
    return PurePath(file_name.strip()).suffix.removeprefix(".").lower()


def parse(path: Path, file_name: str, limits: ParseLimits | None = None) -> Parsed:
    """Read a whole file into memory. Raises Rejected with a sentence for its owner."""
    notes = Notes()
    sections = list(read(path, file_name, notes, limits or ParseLimits()))
    return Parsed(sections, notes.warnings, notes.pages, notes.language)


def read(path: Path, file_name: str, notes: Notes, limits: ParseLimits) -> Iterator[Section]:
    """Sections as they are found; `notes` is complete when they have all been taken.

    Raises Rejected when the file is another kind than its name says, cannot be read, has no text, or passes a limit.
    """
    accepts(file_name, path.stat().st_size, limit_bytes=path.stat().st_size)
    source = Source(path, file_name, limits)
    extension = extension_of(file_name)
    _check_label(source, extension)
    reader: Reader = import_module(f"kosha.ingestion.parsers.{_READERS[extension]}").read
    sample = ""
    characters = 0
    has_words = False
    for section in _in_parts(reader(source, notes)):
        characters += len(section.text)
        if characters > limits.characters:
            raise TooLarge(
                f"{file_name!r} holds more than {limits.characters:,} characters of text. "
                "Split it and upload the parts."
            )
        if len(sample) < _LANGUAGE_SAMPLE_CHARACTERS:
            sample += section.text[:_LANGUAGE_SAMPLE_CHARACTERS]
        has_words = has_words or any(map(str.isalnum, section.text))
        yield section
    if not has_words:
        raise Rejected(_no_text(source, extension))
    notes.language = notes.language or language_of(sample)


def check_label(path: Path, file_name: str) -> None:
    """Raise Rejected for a file that is not what its name says."""
    _check_label(Source(path, file_name, ParseLimits()), extension_of(file_name))


def _in_parts(sections: Iterator[Section]) -> Iterator[Section]:
    """The same text in sections that nobody minds holding: one cell or string may have a hundred megabytes."""
    for section in sections:
        if len(section.text) <= _LONGEST_SECTION_CHARACTERS:
            yield section
        else:
            yield from (replace(section, text=part) for part in parts_of([section.text]) if part.strip())


def _no_text(source: Source, extension: str) -> str:
    if extension == "pdf":
        return (
            f"{source.file_name!r} contains no text; it may be a scan, and this version does not read scans (OCR). "
            "Run text recognition over it and upload the result."
        )
    return f"{source.file_name!r} contains no text. Choose a file with content."


def _check_label(source: Source, extension: str) -> None:
    head = first_bytes(source.path)
    if extension in _OFFICE and (is_old_office(head) or head.startswith(b"PK")):
        return  # the Office reader says more: a password, an old format, another kind of Office file
    found = sniff(head)
    if found is None:
        if extension in _OFFICE or extension == "pdf":
            kind = "a PDF" if extension == "pdf" else f"a .{extension} file"
            raise Rejected(
                f"{source.file_name!r} is not {kind}, although its name says so: it is damaged or something else. "
                "Open it in its program, save it anew, and upload that."
            )
        return
    name, right = found
    if right == extension or (right == "html" and extension not in (*_OFFICE, "pdf")):
        return
    if is_old_office(head) and is_encrypted_office(source.path):
        raise Rejected(f"{source.file_name!r} is protected by a password. Remove the protection and upload it again.")
    advice = f"Rename it to .{right}" if right else "Convert it to a kind that is read"
    raise Rejected(
        f"{source.file_name!r} is {name}, although its name says .{extension}. {advice} and upload it again."
    )
