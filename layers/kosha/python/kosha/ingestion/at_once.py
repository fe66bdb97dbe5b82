"""What is read at once, by the function that does the other steps too: a job of its own takes a minute to start."""

from kosha.errors import TooCostly
from kosha.ingestion import importing
from kosha.ingestion.parsers.source import extension_of
from kosha.model.document import Document
from kosha.observe import log
from kosha.ports import Ports

# Their readers go over a text once: 10 MB of HTML take 5 s of a processor and 70 MB. All others unpack, or guess.
PLAIN = frozenset({"txt", "text", "log", "md", "markdown", "html", "htm", "xhtml"})
LIMIT_BYTES = 5 * 2**20


def parse(document: Document, ports: Ports) -> bool:
    """Read the original into sections; False where that is left to a job.

    What takes more than is given to it here is left to one, too. Raises Rejected and all else as `importing.parse`.
    """
    if not is_read_at_once(document):
        return False
    try:
        importing.parse(document, ports)
    except TooCostly as error:
        log.info("%s is left to a job: %s", document.id, error)
        return False
    return True


def is_read_at_once(document: Document) -> bool:
    """Whether it is small and plainly text: most pages of sites, entries of feeds, typed texts, pairs, notes."""
    if document.type == "qna":
        return True  # a pair is not parsed at all
    return document.size_in_bytes <= LIMIT_BYTES and extension_of(importing.file_name(document)) in PLAIN
