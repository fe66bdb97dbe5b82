"""Who reads files, by the name of the setting `parser`."""

from collections.abc import Callable

from kosha.adapters.local.parser_process import ParserProcess
from kosha.adapters.parsing.unstructured_parser import UnstructuredParser
from kosha.ingestion.parse import check_label
from kosha.ingestion.parsers import elements
from kosha.ports import Parser

PARSERS: dict[str, Callable[[], Parser]] = {
    "light": ParserProcess,
    "unstructured": lambda: UnstructuredParser(ParserProcess(), check=check_label, make=elements.parsed),
}
