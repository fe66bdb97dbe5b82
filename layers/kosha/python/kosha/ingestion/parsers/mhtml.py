"""Web pages saved as one file (MHTML): the page itself, without its pictures and frames."""

from collections.abc import Iterator

from kosha.errors import Rejected
from kosha.ingestion.parsers import html_page
from kosha.ingestion.parsers.eml import header, opened, parts_of, text_of
from kosha.ingestion.parsers.source import Notes, Source
from kosha.model.section import Section


def read(source: Source, notes: Notes) -> Iterator[Section]:
    """Sections of the page that the file was saved from. Raises Rejected where it holds none."""
    mail = opened(source)
    pages = [
        part for part in parts_of(mail, notes) if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    if not pages:
        raise Rejected(
            f"{source.file_name!r} is not a web page saved as one file, although its name says so: it is damaged or "
            "something else. Save the page anew and upload that."
        )
    start = str(mail.get_param("start") or "").strip("<>")
    main = next((page for page in pages if start and header(page, "content-id").strip("<>") == start), pages[0])
    html = text_of(main, source, notes).encode("utf-8-sig", "replace")
    yield from html_page.read(source.inner("page.html", html), notes)
    if len(pages) > 1:
        notes.warn(f"Frames of the page were not read ({len(pages) - 1}).")
