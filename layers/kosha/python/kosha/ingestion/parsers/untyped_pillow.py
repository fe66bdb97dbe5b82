"""Pillow, which comes with text recognition only: pictures of a file, page by page, small enough to be recognised."""

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from kosha.errors import TooLarge
from kosha.ingestion.parsers.ocr import Picture
from kosha.ingestion.parsers.source import Source

LONGEST_SIDE_PIXELS = 2000
"""More is not looked at: an A4 page at 170 dots an inch."""
# Readers of other kinds are not let near the file.
_KINDS = tuple(plugin.format or "" for plugin in (PngImageFile, JpegImageFile, TiffImageFile))
_SIXTEEN_BITS = 256
_MIDDLE_GREY = 127

PictureError = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError)
"""What Pillow raises for a damaged file."""

Image.MAX_IMAGE_PIXELS = None  # ours is told to the owner, and counts before anything is unpacked
assert not ImageFile.LOAD_TRUNCATED_IMAGES


class Frames:
    """The pictures of a file; one of PNG or JPEG, even where it moves."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._image: Any = stack.enter_context(Image.open(stack.enter_context(self._source.open()), formats=_KINDS))
            self._open = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def __len__(self) -> int:
        return self._image.n_frames if self._image.format == "TIFF" else 1

    def drawn(self, number: int) -> Picture:
        """The picture of a page from 1, as its camera held it. Raises TooLarge and PictureError."""
        self._image.seek(number - 1)
        self._check(self._image.size, number)
        self._image.draft("RGB", (LONGEST_SIDE_PIXELS, LONGEST_SIDE_PIXELS))  # JPEG is unpacked smaller right away
        image = _eight_bits(self._image)
        image.thumbnail((LONGEST_SIDE_PIXELS, LONGEST_SIDE_PIXELS))
        image = _on_a_ground(ImageOps.exif_transpose(image))
        return np.ascontiguousarray(np.asarray(image)[:, :, ::-1])

    def _check(self, size: tuple[int, int], number: int) -> None:
        pixels, most = size[0] * size[1], self._source.limits.pixels
        if pixels > most:
            raise TooLarge(
                f"Picture {number} of {self._source.file_name!r} has {pixels / 1e6:,.0f} million pixels; the limit is "
                f"{most / 1e6:,.0f} million. Scale it down and upload that."
            )


def _eight_bits(image: Any) -> Any:
    """The same in a mode that can be scaled well."""
    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray((np.asarray(image) // _SIXTEEN_BITS).clip(0, 255).astype(np.uint8))
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _on_a_ground(image: Any) -> Any:
    """What is transparent becomes white, or black where that is what the rest stands out from."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    brightness = ImageStat.Stat(image.convert("L"), image.getchannel("A")).mean
    sheet = Image.new("RGB", image.size, "black" if brightness and brightness[0] > _MIDDLE_GREY else "white")
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet
