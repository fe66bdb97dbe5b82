"""The contract of `Place`: files below a location by their paths, from anywhere on, and their bytes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws

from kosha.adapters.aws.s3_place import S3Place
from kosha.adapters.local.folder_place import FolderPlace
from kosha.errors import NotFound, Rejected
from kosha.ports import Place

FILES = ["a.md", "a/b.md", "a/b/c.md", "a/z.md", "a-.md", "b.md", "ä.md"]


class Kept(NamedTuple):
    """A place, a location in it, and how a file gets there."""

    place: Place
    location: str
    write: Callable[[str, bytes], Any]


@pytest.fixture(params=["folder", "s3"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "folder":
        yield _folder(tmp_path / "files")
        return
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="reports")
        place = S3Place(s3, ["reports"])

        def put(path: str, content: bytes) -> None:
            s3.put_object(Bucket="reports", Key=f"2026/{path}", Body=content)

        s3.put_object(Bucket="reports", Key="elsewhere.md", Body=b"no")
        yield Kept(place, "s3://reports/2026/", put)


def _folder(folder: Path) -> Kept:
    folder.mkdir()

    def write(path: str, content: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return Kept(FolderPlace([folder.parent]), str(folder), write)


def test_files_come_by_their_paths_with_sizes(kept: Kept) -> None:
    for path in FILES:
        kept.write(path, path.encode())
    entries = list(kept.place.entries(kept.location, ""))
    assert [entry.path for entry in entries] == sorted(FILES, key=str.encode)
    assert all(entry.size_bytes == len(entry.path.encode()) for entry in entries)


@pytest.mark.parametrize("after", [*FILES, "a/", "a/b/", "zz", "a/b/c"])
def test_a_listing_goes_on_anywhere(kept: Kept, after: str) -> None:
    for path in FILES:
        kept.write(path, b"x")
    wanted = sorted((path for path in FILES if path.encode() > after.encode()), key=str.encode)
    assert [entry.path for entry in kept.place.entries(kept.location, after)] == wanted


def test_a_changed_file_has_another_mark(kept: Kept) -> None:
    kept.write("a.md", b"one")
    [before] = kept.place.entries(kept.location, "")
    kept.write("a.md", b"other")
    [after] = kept.place.entries(kept.location, "")
    assert before.mark != after.mark


def test_what_begins_with_a_dot_is_left_out(kept: Kept) -> None:
    for path in (".a.md", ".git/config.txt", "a/.b.md"):
        kept.write(path, b"x")
    assert list(kept.place.entries(kept.location, "")) == []


def test_bytes_are_read(kept: Kept) -> None:
    kept.write("a/b.md", b"bytes" * 1000)
    with kept.place.open(kept.location, "a/b.md") as file:
        assert file.read() == b"bytes" * 1000


def test_a_file_that_went_is_not_found(kept: Kept) -> None:
    kept.write("a.md", b"x")
    with pytest.raises(NotFound), kept.place.open(kept.location, "gone.md"):
        pass


def test_a_place_that_may_be_followed_has_no_reason_against_it(kept: Kept) -> None:
    assert kept.place.why_not(kept.location) is None


@pytest.mark.parametrize("location", ["s3://secret/", "s3:///x", "https://reports/", "/etc", "reports", ""])
def test_a_place_that_nobody_allowed_is_refused(kept: Kept, location: str) -> None:
    assert kept.place.why_not(location)
    with pytest.raises(Rejected):
        list(kept.place.entries(location, ""))


def test_where_nothing_is_allowed_the_reason_names_the_setting(tmp_path: Path) -> None:
    assert "KOSHA_SOURCE_FOLDERS" in (FolderPlace([]).why_not(str(tmp_path)) or "")
    assert "KOSHA_SOURCE_BUCKETS" in (S3Place(boto3.client("s3", region_name="us-east-1"), []).why_not("s3://a/") or "")


def test_a_bucket_that_refuses_us_says_what_to_do() -> None:
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        with pytest.raises(Rejected, match="Allow the deployment"):
            list(S3Place(s3, ["none"]).entries("s3://none/", ""))


def test_a_long_bucket_is_listed_to_its_end() -> None:
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="reports")
        for number in range(1005):
            s3.put_object(Bucket="reports", Key=f"{number:04}.md", Body=b"x")
        assert len(list(S3Place(s3, ["reports"]).entries("s3://reports", ""))) == 1005


def test_a_file_that_goes_while_its_folder_is_listed_is_left_out(tmp_path: Path) -> None:
    kept = _folder(tmp_path / "files")
    for path in ("a.md", "b.md", "c.md"):
        kept.write(path, b"x")
    listed = kept.place.entries(kept.location, "")
    next(listed)
    (tmp_path / "files" / "b.md").unlink()
    assert [entry.path for entry in listed] == ["c.md"]


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    kept = _folder(tmp_path / "files")
    kept.write("a.md", b"x")
    Path(os.fsdecode(os.fsencode(tmp_path / "files") + b"/r\xe9sum\xe9.md")).write_bytes(b"x")
    assert [entry.path for entry in kept.place.entries(kept.location, "")] == ["a.md"]
