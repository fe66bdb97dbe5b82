"""The streams of an OLE container, which old Office files are."""

from kosha.errors import Rejected
from kosha.ingestion.parsers.source import Source
from kosha.ingestion.parsers.untyped_ole import OleFileIO


def streams(source: Source) -> dict[str, bytes]:
    """The bytes of each stream at the top, by name. Raises Rejected where the container is damaged."""
    try:
        with source.open() as file, OleFileIO(file) as container:
            return {path[0]: container.openstream(path).read() for path in container.listdir() if len(path) == 1}
    except (OSError, ValueError, IndexError) as error:
        raise damaged(source, "its container cannot be read") from error


def damaged(source: Source, why: str) -> Rejected:
    """What the owner of a broken .doc or .ppt is told. why: half a sentence."""
    return Rejected(
        f"{source.file_name!r} is damaged or cut off: {why}. Open it in its program, save it as "
        f".{source.extension}x, and upload that."
    )
