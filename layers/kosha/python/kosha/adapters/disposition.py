"""How a browser treats what it is given back: shown where nothing in it can run, else saved."""

from urllib.parse import quote

_SHOWN = frozenset(
    ["application/pdf", "text/plain", "text/markdown", "text/csv", "application/json", "image/png", "image/jpeg"]
)


def content_disposition(file_name: str, content_type: str) -> str:
    """The header of that name; of a path its last part."""
    shown = content_type.partition(";")[0] in _SHOWN
    return f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file_name.rpartition('/')[2], safe='')}"
