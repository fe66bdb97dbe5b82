"""Graphs are made once, and a damaged one again."""

from pathlib import Path

import pytest

from kosha.adapters.local.kept_graph import DIGEST_BYTES, kept_graph
from kosha.adapters.local.minilm_graph import make_graph
from kosha.adapters.local.weights import WEIGHTS_FILE, Weights, find_weights


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = find_weights(folder=None, cache=tmp_path_factory.mktemp("none"), may_download=False)
    assert isinstance(found, Weights)
    return found.folder / WEIGHTS_FILE


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "models"


def test_a_graph_is_kept_as_it_was_made(weights_file: Path, cache: Path) -> None:
    made = kept_graph(weights_file, cache, "float32")
    [kept] = cache.iterdir()
    assert kept.read_bytes()[DIGEST_BYTES:] == made == make_graph(weights_file, "float32")


def test_a_kept_graph_needs_no_weights_to_be_read(weights_file: Path, cache: Path, tmp_path: Path) -> None:
    made = kept_graph(weights_file, cache, "float32")
    assert kept_graph(tmp_path / "not there", cache, "float32") == made


def test_each_precision_has_a_file_of_its_own(weights_file: Path, cache: Path) -> None:
    assert kept_graph(weights_file, cache, "float32") != kept_graph(weights_file, cache, "int8")
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"short", None], ids=["empty", "cut off", "one bit"])
def test_a_damaged_graph_is_made_again(weights_file: Path, cache: Path, damage: bytes | None) -> None:
    made = kept_graph(weights_file, cache, "float32")
    [kept] = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    assert kept_graph(weights_file, cache, "float32") == made
    assert kept.read_bytes() == whole
