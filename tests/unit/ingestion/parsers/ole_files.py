"""Old Office files made by hand: a container of streams, and inside it the records that programs write."""

import struct
from collections.abc import Sequence

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def container(streams: dict[str, bytes]) -> bytes:
    """An OLE file with these streams at its top (MS-CFB, version 3). Small ones lie in the stream of small ones."""
    sectors: list[bytes] = []
    chains: list[int] = []

    def put(content: bytes) -> int:
        first = len(sectors)
        count = -(-len(content) // _SECTOR)
        for index in range(count):
            sectors.append(content[index * _SECTOR : (index + 1) * _SECTOR].ljust(_SECTOR, b"\0"))
            chains.append(first + index + 1 if index + 1 < count else _END)
        return first if count else _END

    mini, mini_chains = bytearray(), list[int]()
    entries: list[bytes] = []
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    for number, name in enumerate(names, start=1):
        content = streams[name]
        if len(content) < _CUTOFF:
            start = len(mini) // _MINI if content else _END
            count = -(-len(content) // _MINI)
            mini += content.ljust(count * _MINI, b"\0")
            mini_chains += [start + index + 1 for index in range(count - 1)] + ([_END] if count else [])
        else:
            start = put(content)
        entries.append(_entry(name, 2, number + 1 if number < len(names) else _FREE, _FREE, start, len(content)))
    mini_start = put(bytes(mini))
    root = _entry("Root Entry", 5, _FREE, 1, mini_start, len(mini))
    directory = b"".join([root, *entries])
    directory += _entry("", 0, _FREE, _FREE, 0, 0) * (-(len(directory) // 128) % 4)
    directory_start = put(directory)
    mini_fat = struct.pack(f"<{len(mini_chains)}I", *mini_chains).ljust(-(-len(mini_chains) * 4 // 512) * 512, b"\xff")
    mini_fat_start = put(mini_fat)
    assert len(chains) < 127, "one sector of the table is enough here"
    table = len(sectors)
    fat = struct.pack(f"<{len(chains) + 1}I", *chains, _TABLE).ljust(_SECTOR, b"\xff")
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory_start, 0,
        _CUTOFF, mini_fat_start, len(mini_fat) // _SECTOR, _END, 0,
    )  # fmt: skip
    return head.ljust(76, b"\0") + struct.pack("<I", table) + b"\xff" * 432 + b"".join(sectors) + fat


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    spelt = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xII4x", spelt, len(spelt) + 2 if name else 0, kind, 1, _FREE, right, child, start, size
    )


Paragraph = tuple[str, int, bytes]
"""Text with its end mark, number of its style (1 to 9 are headings), and modifiers."""


def word_document(
    paragraphs: Sequence[Paragraph], *, hidden: str = "", footnotes: str = "", flags: int = 0, version: int = 0xC1
) -> bytes:
    """A .doc. hidden: words in it that are formatted as hidden."""
    text = "".join(words for words, _, _ in paragraphs)
    whole = text + footnotes
    start = 2048
    fib = bytearray(start)
    struct.pack_into("<HH", fib, 0, 0xA5EC, version)
    struct.pack_into("<H", fib, 10, 0x0200 | flags)
    struct.pack_into("<8i", fib, 0x4C, len(text), len(footnotes), 0, 0, 0, 0, 0, 0)
    places: list[tuple[int, int, bytes]] = []
    at = start
    for words, style, modifiers in paragraphs:
        places.append((at, at + 2 * len(words), struct.pack("<H", style) + modifiers))
        at += 2 * len(words)
    places.append((at, at + 2 * len(footnotes), struct.pack("<H", 0)))
    first = start + 2 * text.index(hidden) if hidden else start
    runs = [
        (start, first, b""),
        (first, first + 2 * len(hidden), struct.pack("<HB", 0x083C, 1)),
        (first + 2 * len(hidden), at, b""),
    ]
    body = whole.encode("utf-16-le").ljust(2048, b"\0")
    main = bytes(fib) + body + _page(places, is_paragraphs=True) + _page(runs, is_paragraphs=False)
    table = bytearray()
    structures = {
        0xA2: _style_sheet(),
        0x1A2: b"\x02" + struct.pack("<I", 20) + struct.pack("<IIHIH", 0, len(whole), 0, start, 0).ljust(20, b"\0"),
        0x102: struct.pack("<III", start, at, 8),
        0xFA: struct.pack("<III", start, at, 9),
    }
    main_bytes = bytearray(main)
    for place, content in structures.items():
        struct.pack_into("<II", main_bytes, place, len(table), len(content))
        table += content
    return container({"WordDocument": bytes(main_bytes), "1Table": bytes(table)})


def _style_sheet() -> bytes:
    """Styles 0 (normal) to 3 (headings 1 to 3)."""
    sheet = struct.pack("<HHH", 4, 4, 10)
    for number in range(4):
        style = struct.pack("<HH", number, 0xFFF0)
        sheet += struct.pack("<H", len(style)) + style
    return sheet


def _page(runs: Sequence[tuple[int, int, bytes]], *, is_paragraphs: bool) -> bytes:
    """A page of descriptions of stretches of the file."""
    page = bytearray(512)
    page[511] = len(runs)
    struct.pack_into(f"<{len(runs) + 1}I", page, 0, *(run[0] for run in runs), runs[-1][1])
    end = 511
    for index, (_, _, said) in enumerate(runs):
        if not said:
            continue
        if is_paragraphs:
            said += b"\0" * (1 - len(said) % 2)
            content = bytes([(len(said) + 1) // 2]) + said
        else:
            content = bytes([len(said)]) + said
        end = (end - len(content)) // 2 * 2
        page[end : end + len(content)] = content
        page[4 * (len(runs) + 1) + (13 if is_paragraphs else 1) * index] = end // 2
    return bytes(page)


def record(kind: int, content: bytes, *, instance: int = 0, is_container: bool = False) -> bytes:
    """Of a presentation."""
    return struct.pack("<HHI", instance << 4 | (0xF if is_container else 0), kind, len(content)) + content


def presentation(slides: Sequence[tuple[str, str]], *, notes: str = "", token: int = 0xE391C05F) -> bytes:
    """A .ppt whose slides have a title and a text; the first has speaker notes."""

    def text(kind: int, words: str) -> bytes:
        return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, words.encode("utf-16-le"))

    listed = b"".join(
        record(0x03F3, struct.pack("<IIiII", 2 + number, 0, 2, 256 + number, 0)) + text(0, title)
        for number, (title, _) in enumerate(slides)
    )
    noted = record(0x03F3, struct.pack("<IIiII", 2 + len(slides), 0, 0, 900, 0))
    lists = record(0x0FF0, listed, instance=0, is_container=True) + record(0x0FF0, noted, instance=2, is_container=True)
    objects = [record(0x03E8, lists, is_container=True)]
    for number, (_, body) in enumerate(slides):
        atom = record(0x03EF, struct.pack("<12xIIHH", 0, 900 if number == 0 and notes else 0, 0, 0))
        box = record(0xF00D, record(0x0F9E, struct.pack("<I", 0)) + text(1, body), is_container=True)
        objects.append(record(0x03EE, atom + record(0x040C, box, is_container=True), is_container=True))
    objects.append(record(0x03F0, record(0xF00D, text(2, notes), is_container=True), is_container=True))
    content, places = b"", list[int]()
    for one in objects:
        places.append(len(content))
        content += one
    directory = len(content)
    content += record(0x1772, struct.pack(f"<{len(places) + 1}I", len(places) << 20 | 1, *places))
    edit = len(content)
    content += record(0x0FF5, struct.pack("<IIIIIII", 0, 0, 0, directory, 1, 0, 0))
    user = record(0x0FF6, struct.pack("<III", 20, token, edit) + b"\0" * 8)
    return container({"PowerPoint Document": content.ljust(4096, b"\0"), "Current User": user})


def outlook_message(subject: str, body: str, sender: str) -> bytes:
    """A .msg without attachments."""
    said = {0x0037: subject, 0x1000: body, 0x0C1A: sender, 0x0C1F: f"{sender.lower()}@example.com", 0x001A: "IPM.Note"}
    streams = {f"__substg1.0_{number:04X}001F": words.encode("utf-16-le") for number, words in said.items()}
    properties = b"".join(
        struct.pack("<HHIII", 0x001F, number, 6, 2 * len(words) + 2, 0) for number, words in said.items()
    )
    return container({**streams, "__properties_version1.0": b"\0" * 32 + properties})
