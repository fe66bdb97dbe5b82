"""Keys of blobs: names of our own making, so that no store reads more into them."""

import re

# Ids, `original`, `run-2`, `chunks.jsonl`.
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def parts_of(key: str) -> list[str]:
    """The parts between the slashes. Raises ValueError where one of them is no name of ours."""
    parts = key.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"{key!r} is no key of a blob")
    return parts
