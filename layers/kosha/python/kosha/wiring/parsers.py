"""Who reads files, by the name of the setting `parser`."""

from collections.abc import Callable

from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.parsing.unstructured_parser import UnstructuredParser
from kosha.ingestion.parse import check_label
from kosha.ingestion.parsers import elements
from kosha.ports import Parser

# Each around our own readers, which read what it does not.
PARSERS: dict[str, Callable[[ParserProcess], Parser]] = {
    "light": lambda own: own,
    "unstructured": lambda own: UnstructuredParser(own, check=check_label, make=elements.parsed),
}


def parser(name: str, *, seconds: float, memory_bytes: int) -> Parser:
    """seconds, memory_bytes: what our own readers may take for one file."""
    return PARSERS[name](ParserProcess(timeout_seconds=seconds, memory_bytes=memory_bytes))
