"""Frames of `application/vnd.amazon.eventstream`, as the services of AWS stream them.

A frame is: total length, length of the headers, CRC32 of these eight bytes, headers, payload, CRC32 of all before.
Source: Amazon Transcribe developer guide, "Event stream encoding"; the same for every service.
"""

import json
import struct
from binascii import crc32
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7  # the only type of header that these services send


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One frame."""
    told = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack(">II", 12 + len(told) + len(payload) + 4, len(told))
    message = prelude + struct.pack(">I", crc32(prelude)) + told + payload
    return message + struct.pack(">I", crc32(message))


def event(name: str, body: Any) -> bytes:
    """An event with JSON."""
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, json.dumps(body).encode())


def blob(name: str, payload: bytes) -> bytes:
    """An event with bytes."""
    headers = {":event-type": name, ":content-type": "application/octet-stream", ":message-type": "event"}
    return frame(headers, payload)


def exception(name: str, message: str) -> bytes:
    """A modelled failure in the middle of a stream, such as throttlingException."""
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def _header(name: str, value: str) -> bytes:
    encoded, text = name.encode(), value.encode()
    return struct.pack(">B", len(encoded)) + encoded + struct.pack(">BH", _STRING, len(text)) + text
