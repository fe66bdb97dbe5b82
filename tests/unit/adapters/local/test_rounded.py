"""A matrix in whole numbers, a scale a row."""

import numpy as np

from kosha.adapters.local.rounded import GREATEST, round_rows


def test_no_entry_is_off_by_more_than_half_a_step_of_its_row() -> None:
    matrix = np.random.default_rng(1).normal(size=(7, 40)).astype(np.float32) * np.logspace(-3, 3, 7)[:, None]
    codes, scales = round_rows(matrix.astype(np.float32))
    assert (np.abs(codes * scales[:, None] - matrix) <= 0.501 * scales[:, None]).all()


def test_every_row_uses_its_whole_range() -> None:
    codes, scales = round_rows(np.array([[0.5, -1.0], [300.0, 30.0]], np.float32))
    assert codes.tolist() == [[32, -64], [64, 6]]
    np.testing.assert_allclose(scales, [1 / 64, 300 / 64])


def test_a_row_of_zeros_stays_zero() -> None:
    codes, scales = round_rows(np.zeros((1, 3), np.float32))
    assert codes.tolist() == [[0, 0, 0]]
    assert scales.tolist() == [1]


def test_two_products_with_unsigned_bytes_fit_in_16_bits() -> None:
    codes, _ = round_rows(np.array([[1.0, -1.0]], np.float32))
    assert codes.dtype == np.int8
    assert np.iinfo(np.int16).max >= 2 * 255 * GREATEST
