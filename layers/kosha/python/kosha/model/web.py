"""What a server on the web answered."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class WebReply(NamedTuple):
    """An answer whose body lies in a file for as long as it is looked at.

    headers: lower-case names. body: unpacked. seconds: how long the server took for all of it.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: Path
    size_bytes: int
    seconds: float
