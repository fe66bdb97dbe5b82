"""Frames from a child's pipe: one byte of kind, four bytes of length (big-endian), that many bytes."""

import os
import select
import struct
from dataclasses import dataclass
from time import monotonic
from typing import IO

_HEAD = struct.Struct(">cI")
_READ_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Frame:
    kind: bytes
    payload: bytes


class FrameReader:
    """Takes frames off a pipe, and never waits longer than told."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._descriptor = pipe.fileno()
        self._arrived = bytearray()
        self.ended = False

    def next(self, seconds: float) -> Frame | None:
        """The next whole frame; None when none came in time or the other end has closed (`ended`)."""
        deadline = monotonic() + seconds
        while True:
            frame = self._whole()
            if frame is not None or self.ended:
                return frame
            ready, _, _ = select.select([self._descriptor], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                return None
            arrived = os.read(self._descriptor, _READ_BYTES)
            self._arrived += arrived
            self.ended = not arrived

    def _whole(self) -> Frame | None:
        if len(self._arrived) < _HEAD.size:
            return None
        kind, length = _HEAD.unpack_from(self._arrived)
        end = _HEAD.size + length
        if len(self._arrived) < end:
            return None
        payload = bytes(self._arrived[_HEAD.size : end])
        del self._arrived[:end]
        return Frame(kind, payload)
