"""A matrix in whole numbers of seven bits, with a scale of its own for every row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Not 127: processors without VNNI instructions add two products of an unsigned and a signed byte in 16 bits and cut off
# what is larger. 2 x 255 x 64 fits, so that every processor makes the same vectors ("reduce_range" of ONNX Runtime).
GREATEST = 64


class Rounded(NamedTuple):
    """`codes` times `scales`, row by row, is nearly the matrix."""

    codes: NDArray[np.int8]  # (rows, columns), -GREATEST..GREATEST
    scales: NDArray[np.float32]  # (rows,), above zero


def round_rows(matrix: NDArray[np.float32]) -> Rounded:
    """Each entry is off by at most half a scale, which is 1/128 of the greatest entry of its row."""
    greatest = np.abs(matrix).max(axis=1)
    scales = np.where(greatest > 0, greatest / GREATEST, 1).astype(np.float32)
    return Rounded(np.rint(matrix / scales[:, None]).astype(np.int8), scales)
