"""The process that reads one file with unstructured; it is started by an adapter and never imported by the house.

Arguments: the path, the file's name. Its elements go out as JSON, one a line. Whatever goes wrong ends it with a
traceback: a damaged file and a fault of unstructured's look the same.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path


def main(path: str, file_name: str) -> None:
    """Read it."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not fall between the elements
    partition = import_module("unstructured.partition.auto").partition
    # "auto" takes the text of a PDF that has one, and recognises that of a scan; the kind is told by the file's name.
    with Path(path).open("rb") as file:
        elements = partition(file=file, metadata_filename=file_name, strategy="auto")
    for element in elements:
        out.write(json.dumps(element.to_dict(), default=str) + "\n")
    out.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
