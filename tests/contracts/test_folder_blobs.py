"""What a folder of blobs promises beside the contract: tickets and links of its own, and bytes that are on the disk."""

import errno
import os
from pathlib import Path

import pytest
from tests.contracts.examples import a_document, new_id
from tests.house.clock import Clock

from kosha.adapters.local.folder import FolderBlobs
from kosha.adapters.local.links import SignedLinks, secret_in
from kosha.errors import Forbidden, Invalid, Rejected, TooLarge, Unavailable


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000.0)


@pytest.fixture
def blobs(tmp_path: Path, clock: Clock) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs", SignedLinks(b"s" * 32, clock=clock))


def _files(tmp_path: Path) -> list[str]:
    return sorted(
        str(path.relative_to(tmp_path / "blobs")) for path in (tmp_path / "blobs").rglob("*") if path.is_file()
    )


def test_a_ticket_allows_one_document_of_one_size_and_type(blobs: FolderBlobs) -> None:
    document = a_document(new_id(), size_in_bytes=7, content_type="text/plain")
    ticket = blobs.ticket(document, key=f"{document.workspace_id}/{document.id}/original", seconds=900)
    upload = blobs.open_ticket(ticket.url.rpartition("/")[2])
    assert (upload.workspace_id, upload.document_id) == (document.workspace_id, document.id)
    assert (upload.size_bytes, upload.content_type, ticket.headers) == (7, "text/plain", {"Content-Type": "text/plain"})
    assert ticket.method == "PUT"
    assert ticket.url.startswith("/upload/")


def test_a_ticket_ends(blobs: FolderBlobs, clock: Clock) -> None:
    token = blobs.ticket(a_document(new_id()), key="w/d/original", seconds=900).url.rpartition("/")[2]
    clock.now += 899
    blobs.open_ticket(token)
    clock.now += 2
    with pytest.raises(Forbidden, match="expired"):
        blobs.open_ticket(token)


def test_a_ticket_that_is_not_ours_is_refused(blobs: FolderBlobs, tmp_path: Path) -> None:
    document = a_document(new_id())
    token = blobs.ticket(document, key="w/d/original", seconds=900).url.rpartition("/")[2]
    foreign = FolderBlobs(tmp_path, SignedLinks(b"t" * 32)).ticket(document, key="w/d/original", seconds=900)
    payload, _, signature = token.partition(".")
    for forged in (foreign.url.rpartition("/")[2], token[:-2], payload, f"{payload}A.{signature}", "", "é.é", "a.b.c"):
        with pytest.raises(Forbidden):
            blobs.open_ticket(forged)


def test_a_link_to_read_is_no_leave_to_write(blobs: FolderBlobs) -> None:
    link = blobs.link("w/d/original", file_name="plan.pdf", content_type="application/pdf", seconds=60)
    token = link.removeprefix("/download/")
    assert blobs.open_link(token) == ("w/d/original", "plan.pdf", "application/pdf")
    with pytest.raises(Forbidden):
        blobs.open_ticket(token)


@pytest.mark.parametrize(("content", "error"), [(b"short", Invalid), (b"much too long", TooLarge)])
def test_an_upload_of_another_size_leaves_nothing(
    blobs: FolderBlobs, tmp_path: Path, content: bytes, error: type[Rejected]
) -> None:
    with pytest.raises(error), blobs.incoming("w/d/original", size_bytes=7) as sink:
        sink.write(content)
    assert _files(tmp_path) == []


def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    blobs.write("w/d/kept", [b"kept"])
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="disk is full"):
        blobs.write("w/d/original", [b"x"])
    assert _files(tmp_path) == ["w/d/kept"]


def test_what_killed_writers_left_is_cleared_when_it_is_old(blobs: FolderBlobs, tmp_path: Path) -> None:
    young, old = blobs.incoming("w/d/a"), blobs.incoming("w/d/b")
    paths = sorted((tmp_path / "blobs" / ".unfinished").iterdir())
    os.utime(old._path, (0, 0))
    blobs.clear_unfinished(older_than_seconds=3600)
    assert sorted((tmp_path / "blobs" / ".unfinished").iterdir()) == [path for path in paths if path != old._path]
    young.__exit__(None, None, None)
    assert _files(tmp_path) == ["w/d/a"]
    old._file.close()


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "links"
    secret = secret_in(path)
    assert secret_in(path) == secret
    assert len(secret) == 32
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["links"]
