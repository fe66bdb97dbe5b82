"""Which character set a text file is written in, and its text block by block."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kosha.errors import Rejected
from kosha.ingestion.parsers.source import Notes, Source

BLOCK_CHARACTERS = 2**18
_BLOCK_BYTES = 2**20
_SAMPLE_BYTES = 2**16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a page calls latin-1, gb2312 or shift_jis is in practice the superset (WHATWG Encoding Standard, labels).
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
# Codecs of Python that read text as something else: no file is written in them, and they can make half characters.
_NO_CHARACTER_SETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
_JAPANESE = frozenset({"cp932", "euc_jp", "iso2022_jp_2", "shift_jis_2004", "shift_jisx0213"})
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.05  # of random bytes 11 % are controls; text with a few stray ones is still text


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name; `guessed` where neither a mark, a declaration nor the bytes themselves decide."""

    codec: str
    guessed: bool = False


def text_blocks(source: Source, notes: Notes, declared: str | None = None) -> Iterator[str]:
    """The text in blocks of BLOCK_CHARACTERS, line ends as "\\n". Raises Rejected when it is not text."""
    encoding = encoding_of(source, declared)
    unreadable = 0
    with io.TextIOWrapper(source.open(), encoding=encoding.codec, errors="replace") as file:
        while block := file.read(BLOCK_CHARACTERS):
            unreadable += block.count("\ufffd")
            yield block
    if encoding.codec in _JAPANESE:
        notes.language = notes.language or "ja"
    if encoding.guessed:
        notes.warn(
            f"The file does not say its character set; it was read as {encoding.codec}. "
            "If letters look wrong, save it as UTF-8 and upload it again."
        )
    if unreadable:
        notes.warn(
            f"{unreadable} characters could not be read and show as “\ufffd”. "
            "If they matter, save the file as UTF-8 and upload it again."
        )


def encoding_of(source: Source, declared: str | None = None) -> Encoding:
    """The mark at its beginning, else UTF-8 where it is valid, else what it declares, else the likeliest.

    Raises Rejected for a file that is not text at all.
    """
    samples = _samples(source)
    for mark, codec in _MARKS:
        if samples[0].startswith(mark):
            return Encoding(codec)
    wide = _wide_without_mark(samples[0])
    if wide:
        return Encoding(wide)
    if any(len(_CONTROL.findall(sample)) > _MOST_CONTROLS * len(sample) for sample in samples):
        raise Rejected(
            f"{source.file_name!r} is not text, although its name says so. "
            "Save it as text, or rename it to what it is, and upload it again."
        )
    if b"\x1b$B" in samples[0] or b"\x1b$@" in samples[0]:
        return Encoding("iso2022_jp_2")
    strange = _strange_share(source)
    if strange == 0:
        return Encoding("utf-8")
    codec = codec_of(declared)
    if codec and codec != "utf-8":
        return Encoding(codec)
    if strange < 0.2 or codec == "utf-8":
        return Encoding("utf-8")
    return Encoding(_likeliest(_non_ascii_sample(source)), guessed=True)


def _samples(source: Source) -> list[bytes]:
    """The first bytes, and some from the middle and the end: a text's head may hide a binary body."""
    size = source.size_bytes
    samples: list[bytes] = []
    with source.open() as file:
        for start in sorted({0, max(0, size // 2 - _SAMPLE_BYTES), max(0, size - _SAMPLE_BYTES)}):
            file.seek(start)
            samples.append(file.read(_SAMPLE_BYTES))
    return samples


def _wide_without_mark(sample: bytes) -> str | None:
    """UTF-16 shows in Latin text, spaces and line ends as zeros on one side of each pair of bytes."""
    pairs = max(1, len(sample) // 2)
    low, high = sample[0::2].count(0) / pairs, sample[1::2].count(0) / pairs
    if high > 0.1 and low < high / 10:
        return "utf-16-le"
    if low > 0.1 and high < low / 10:
        return "utf-16-be"
    return None


def _strange_share(source: Source) -> float:
    """Of the characters beyond ASCII the share that is not valid UTF-8; 0.0 is plain UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond = broken = 0
    with source.open() as file:
        while True:
            block = file.read(_BLOCK_BYTES)
            text = decoder.decode(block, final=not block)
            if not text.isascii():
                # The replacement character itself is three valid bytes in UTF-8.
                broken += text.count("\ufffd") - block.count(b"\xef\xbf\xbd")
                beyond += sum(map(len, re.findall("[^\x00-\x7f]+", text)))
            if not block:
                return max(0, broken) / beyond if beyond else 0.0


def codec_of(declared: str | None) -> str | None:
    """Python's name of the character set that a file or a header declares; None for what is none."""
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip()).name
        "".encode(name)
    except (LookupError, ValueError):  # unknown, or a way to pack bytes, such as "zlib"
        return None
    return None if name in _NO_CHARACTER_SETS else _SUPERSETS.get(name, name)


def _non_ascii_sample(source: Source) -> bytes:
    """The lines that hold bytes beyond ASCII, up to _SAMPLE_BYTES: they are what tells character sets apart."""
    kept: list[bytes] = []
    size = 0
    with source.open() as file:
        while size < _SAMPLE_BYTES and (line := file.readline(_SAMPLE_BYTES)):
            if not line.isascii():
                kept.append(line)
                size += len(line)
    return b"".join(kept)


def _likeliest(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        return "cp1252"
    names = {best.encoding, *best.could_be_from_charset}
    western = best.encoding.startswith(("cp125", "iso8859", "latin", "mac_", "cp8", "cp4", "cp5", "hp_", "cp1140"))
    if "cp1252" in names or (western and best.encoding in {"cp1250", "cp1258", "cp1254", "mac_iceland", "mac_roman"}):
        return "cp1252"
    return _SUPERSETS.get(codecs.lookup(best.encoding).name, best.encoding)
