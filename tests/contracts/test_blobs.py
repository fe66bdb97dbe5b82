"""The contract of the port `Blobs`; what a folder and what S3 promise besides has files of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from tests.contracts.blob_stores import BlobStore, FolderStore, S3Store, s3_client
from tests.contracts.examples import a_document, new_id

from kosha.errors import NotFound
from kosha.ports import Blobs


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of the S3 of this process, which is costly to make."""
    with mock_aws():
        yield s3_client()


@pytest.fixture(params=["folder", "s3", "s3 without versions"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "blobs")
    return S3Store(request.getfixturevalue("s3"), keeps_versions=request.param == "s3")


@pytest.fixture
def blobs(store: BlobStore) -> Blobs:
    return store.blobs


def _read(blobs: Blobs, key: str) -> bytes:
    with blobs.open(key) as file:
        return file.read()


@pytest.mark.parametrize("key", ["w/d/original", "w/d/run-1/chunks.jsonl"])
def test_what_is_written_is_read(blobs: Blobs, key: str) -> None:
    assert blobs.write(key, [b"one ", b"two"]) == 7
    assert _read(blobs, key) == b"one two"
    with blobs.file(key) as path:
        assert path.read_bytes() == b"one two"


@pytest.mark.parametrize("pieces", [[], [b""], [b"", b"x", b""], [b"x" * 300_000] * 70, [b"y" * (17 * 2**20)]])
def test_bytes_of_any_number_and_cut_come_back(blobs: Blobs, pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    assert blobs.write("w/d/original", iter(pieces)) == len(whole)
    assert _read(blobs, "w/d/original") == whole


def test_lines_are_read_one_by_one(blobs: Blobs) -> None:
    blobs.write("w/d/run-1/chunks.jsonl", [b"{}\n" * 200_000, b"last"])
    with blobs.open("w/d/run-1/chunks.jsonl") as file:
        lines = list(file)
    assert (len(lines), lines[0], lines[-1]) == (200_001, b"{}\n", b"last")


def test_a_reader_can_go_to_any_place(blobs: Blobs) -> None:
    blobs.write("w/d/original", [bytes(range(256)) * 4000])
    with blobs.open("w/d/original") as file:
        assert file.seek(900_000) == 900_000
        assert file.read(2) == bytes([900_000 % 256, 900_001 % 256])
        assert file.seek(-1, 2) == 1_023_999
        assert file.read() == b"\xff"
        assert file.read() == b""
        assert file.seek(0) == 0
        assert file.read(3) == b"\x00\x01\x02"
        assert file.seek(2, 1) == file.tell() == 5


def test_a_second_write_replaces_the_first(blobs: Blobs) -> None:
    blobs.write("w/d/original", [b"old and long"])
    blobs.write("w/d/original", [b"new"])
    assert _read(blobs, "w/d/original") == b"new"


def test_who_reads_an_old_version_reads_it_to_its_end(blobs: Blobs) -> None:
    blobs.write("w/d/original", [b"old"])
    with blobs.open("w/d/original") as file:
        blobs.write("w/d/original", [b"new"])
        assert file.read() == b"old"


@pytest.mark.parametrize("before", [1, 20 * 2**20])
def test_a_write_that_breaks_off_leaves_nothing(store: BlobStore, before: int) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * before
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.blobs.write("w/d/original", broken())
    assert store.keys() == []


def test_a_write_that_breaks_off_leaves_what_was_there(store: BlobStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    store.blobs.write("w/d/original", [b"whole"])
    with pytest.raises(ConnectionResetError):
        store.blobs.write("w/d/original", broken())
    assert _read(store.blobs, "w/d/original") == b"whole"


def test_a_blob_that_is_not_there_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(NotFound):
        blobs.open("w/d/original")
    with pytest.raises(NotFound), blobs.file("w/d/run-1/chunks.jsonl"):
        pass


def test_everything_under_a_prefix_is_removed_and_nothing_else(store: BlobStore) -> None:
    blobs = store.blobs
    for key in ("w/d/original", "w/d/run-1/chunks.jsonl", "w/d/run-10/x", "w/d2/original", "w2/d/original"):
        blobs.write(key, [b"x"])
        blobs.write(key, [b"y"])
    blobs.remove("w/d/run-1/")
    assert store.keys() == ["w/d/original", "w/d/run-10/x", "w/d2/original", "w2/d/original"]
    blobs.remove("w/d/")
    assert store.keys() == ["w/d2/original", "w2/d/original"]
    blobs.remove("w/d2/original")
    blobs.remove("w2/")
    blobs.remove("w3/")
    assert store.keys() == []


def test_a_key_is_removed_without_those_that_begin_like_it(store: BlobStore) -> None:
    for key in ("w/d/original", "w/d/original.txt"):
        store.blobs.write(key, [b"x"])
    store.blobs.remove("w/d/original")
    store.blobs.remove("w/d/original")
    assert store.keys() == ["w/d/original.txt"]


@pytest.mark.parametrize(
    "key", ["../x", "w/../../x", "/etc/passwd", "w//x", "w/.hidden", "w/a b", "w/x\x00", "", "w\\x", "w/d/"]
)
def test_a_key_is_made_of_names_of_ours(blobs: Blobs, key: str) -> None:
    document = a_document(new_id())
    for use in (
        lambda: blobs.write(key, [b"x"]),
        lambda: blobs.open(key),
        lambda: blobs.ticket(document, key=key, seconds=60),
        lambda: blobs.link(key, file_name="x", content_type="text/plain", seconds=60),
    ):
        with pytest.raises(ValueError, match="is no key"):
            use()


@pytest.mark.parametrize("prefix", ["", "/", "../", "w//", "w/../"])
def test_a_prefix_is_made_of_names_of_ours(store: BlobStore, prefix: str) -> None:
    store.blobs.write("w/d/original", [b"x"])
    with pytest.raises(ValueError, match="is no key"):
        store.blobs.remove(prefix)
    assert store.keys() == ["w/d/original"]
