"""A workspace follows a folder: additions, changes and removals, whatever happens in between."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.house.machine import Machine, machine

from kosha.errors import Cancelled, Invalid, NotFound, Rejected, Unavailable
from kosha.ingestion import keys, sources, syncing
from kosha.ingestion.syncing import Look
from kosha.model.document import Document
from kosha.model.page import PageOf
from kosha.model.source import Source, SourceSettings
from kosha.model.user import Caller
from kosha.model.workspace import Workspace

__all__ = ["machine"]


class Followed:
    """A folder that a workspace follows, and its owner."""

    def __init__(self, machine: Machine, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.machine = machine
        self.ports = machine.ports
        self.owner: Caller = machine.person("manager")
        self.workspace: Workspace = machine.workspace(self.owner)
        wanted = SourceSettings(kind="folder", location=str(folder), **settings)
        self.source: Source = sources.add(self.owner, self.workspace.id, wanted, self.ports)

    def write(self, path: str, text: str) -> None:
        """A file, with a time of change that differs from every one before."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.stat().st_mtime_ns if file.exists() else 0
        file.write_text(text)
        os.utime(file, ns=(before + 10**9, before + 10**9))

    def look(self) -> Source:
        """A whole look, as the state machine makes it; the first was begun with the source."""
        if self.source.status != "syncing":
            self.source = sources.begin(self.source, self.ports)
        look, done = Look(), False
        while not done:
            look, done = syncing.advance(self.source, self.workspace, Look.of(look.wire()), self.ports)
        self.source = self.ports.sources.get(self.workspace.id, self.source.id)
        return self.source

    def documents(self) -> dict[str, Document]:
        """By their paths."""
        return {one.path: one for one in self.ports.documents.of(self.workspace.id, PageOf(100)).items}


@pytest.fixture
def followed(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    allow(machine, tmp_path, monkeypatch)
    (tmp_path / "files").mkdir()
    return Followed(machine, tmp_path / "files")


def allow(machine: Machine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = machine.ports.settings.model_copy(update={"source_folders": (folder,)})
    monkeypatch.setattr(machine.ports, "settings", settings)


def test_every_file_of_a_kind_that_is_read_becomes_a_document(followed: Followed) -> None:
    followed.write("leave.md", "Leave is 25 days.")
    followed.write("travel/rail.txt", "Trains are paid.")
    followed.write("travel/pictures.zip", "PK")
    followed.write(".hidden/secret.txt", "no")
    source = followed.look()
    assert (source.status, source.documents) == ("ok", 2)
    assert source.counts.model_dump() == {"added": 2, "changed": 0, "removed": 0, "unchanged": 0, "skipped": 1}
    assert any(".zip" in note for note in source.notes)
    documents = followed.documents()
    assert {path: (one.title, one.status) for path, one in documents.items()} == {
        "leave.md": ("leave.md", "submitted"),
        "travel/rail.txt": ("rail.txt", "submitted"),
    }


def test_a_second_look_at_the_same_files_does_nothing(followed: Followed) -> None:
    followed.write("leave.md", "Leave is 25 days.")
    followed.look()
    before = followed.documents()
    source = followed.look()
    assert (source.counts.unchanged, source.counts.added, source.counts.changed) == (1, 0, 0)
    assert followed.documents() == before


def test_a_file_that_was_only_touched_is_not_imported_again(followed: Followed) -> None:
    followed.write("leave.md", "Leave is 25 days.")
    followed.look()
    before = followed.documents()
    followed.write("leave.md", "Leave is 25 days.")
    assert followed.look().counts.unchanged == 1
    assert followed.documents() == before


def test_a_changed_file_is_a_new_run_of_the_same_document(followed: Followed) -> None:
    followed.write("leave.md", "Leave is 25 days.")
    followed.look()
    before = followed.documents()["leave.md"]
    followed.write("leave.md", "Leave is 30 days now.")
    assert followed.look().counts.changed == 1
    after = followed.documents()["leave.md"]
    assert (after.id, after.run, after.status) == (before.id, before.run + 1, "submitted")
    assert after.size_in_bytes == len("Leave is 30 days now.")


def test_the_bytes_that_are_served_stay_beside_those_of_a_changed_file(followed: Followed) -> None:
    followed.write("leave.md", "Leave is 25 days.")
    followed.look()
    followed.write("leave.md", "Leave is 30 days now.")
    followed.look()
    document = followed.documents()["leave.md"]
    for key, text in (
        (keys.original(document), b"Leave is 25 days."),
        (keys.newest(document), b"Leave is 30 days now."),
    ):
        with followed.ports.blobs.open(key) as file:
            assert file.read() == text


def test_a_file_that_is_gone_takes_its_document_along_and_leaves_what_people_added(followed: Followed) -> None:
    followed.write("a.md", "One.")
    followed.write("b.md", "Two.")
    followed.look()
    by_hand = followed.machine.document(followed.workspace, title="by hand")
    (followed.folder / "a.md").unlink()
    source = followed.look()
    assert (source.counts.removed, source.documents) == (1, 1)
    assert set(followed.documents()) == {"b.md", by_hand.path}


def test_a_folder_that_is_suddenly_empty_removes_nothing(followed: Followed) -> None:
    followed.write("a.md", "One.")
    followed.look()
    (followed.folder / "a.md").unlink()
    with pytest.raises(Rejected, match="is it mounted"):
        followed.look()
    assert set(followed.documents()) == {"a.md"}


def test_a_document_deleted_by_hand_comes_back_only_when_its_file_changes(followed: Followed) -> None:
    followed.write("a.md", "One.")
    followed.write("b.md", "Two.")
    followed.look()
    first = followed.documents()["a.md"]
    followed.machine.call("DELETE", f"/workspaces/{followed.workspace.id}/documents/{first.id}", by=followed.owner)
    followed.look()
    assert set(followed.documents()) == {"b.md"}
    followed.write("a.md", "One, changed.")
    followed.look()
    assert followed.documents()["a.md"].id != first.id


def test_a_look_that_died_makes_no_document_twice(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    followed.write("a.md", "One.")
    followed.write("b.md", "Two.")
    kept = followed.ports.sources.keep_files

    def die(source_id: str, files: list[Any]) -> None:
        if files and files[0].digest:
            raise KeyboardInterrupt
        kept(source_id, files)

    with monkeypatch.context() as patched:
        patched.setattr(followed.ports.sources, "keep_files", die)
        with pytest.raises(KeyboardInterrupt):
            followed.look()
    before = {path: one.id for path, one in followed.documents().items()}
    assert set(before) == {"a.md", "b.md"}
    assert followed.look().status == "ok"
    assert {path: one.id for path, one in followed.documents().items()} == before


def test_patterns_choose_files_and_what_they_choose_no_more_goes(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(machine, tmp_path, monkeypatch)
    followed = Followed(machine, tmp_path, include=("*.md",), exclude=("drafts/*",))
    for path in ("a.md", "b.txt", "drafts/c.md", "deep/d.md"):
        followed.write(path, path)
    followed.look()
    assert set(followed.documents()) == {"a.md", "deep/d.md"}


def test_a_link_that_leads_out_of_the_folder_is_not_followed(followed: Followed, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (followed.folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (followed.folder / "up").symlink_to(tmp_path)
    followed.write("a.md", "One.")
    followed.look()
    assert set(followed.documents()) == {"a.md"}
    with (
        pytest.raises(Rejected, match="leads out"),
        followed.ports.place("folder").open(str(followed.folder), "../secret.txt"),
    ):
        pass


@pytest.mark.parametrize("location", ["/", "/etc", "relative", "{folder}/../..", "{folder}/none", "\0"])
def test_a_folder_that_nobody_allowed_is_refused(followed: Followed, location: str) -> None:
    wanted = SourceSettings(kind="folder", location=location.format(folder=followed.folder))
    with pytest.raises(Invalid, match="location"):
        sources.add(followed.owner, followed.workspace.id, wanted, followed.ports)


def test_a_look_begun_anew_takes_the_place_of_the_one_before(followed: Followed) -> None:
    followed.write("a.md", "One.")
    stale = followed.source
    sources.begin(stale, followed.ports)
    with pytest.raises(Cancelled, match="looked at anew"):
        syncing.advance(stale, followed.workspace, Look(), followed.ports)


def test_a_source_that_is_deleted_leaves_its_documents(followed: Followed) -> None:
    followed.write("a.md", "One.")
    followed.look()
    sources.remove(followed.owner, followed.workspace.id, followed.source.id, followed.ports)
    assert set(followed.documents()) == {"a.md"}
    with pytest.raises(NotFound):
        followed.ports.sources.get(followed.workspace.id, followed.source.id)


def test_a_source_of_another_workspace_is_not_there(followed: Followed) -> None:
    other = followed.machine.workspace(followed.owner)
    with pytest.raises(NotFound):
        sources.sync(followed.owner, other.id, followed.source.id, followed.ports)


def test_a_slice_ends_between_two_files(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "SLICE_SECONDS", 0.0)
    for number in range(3):
        followed.write(f"{number}.md", f"Rule {number}.")
    look, done = syncing.advance(followed.source, followed.workspace, Look(), followed.ports)
    assert (look.after, done, list(followed.documents())) == ("0.md", False, ["0.md"])
    source = followed.look()
    assert (source.counts.added, source.counts.unchanged) == (2, 1)
    assert sorted(followed.documents()) == ["0.md", "1.md", "2.md"]


def test_a_source_that_is_deleted_in_the_middle_of_a_look_brings_nothing_more(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "SLICE_SECONDS", 0.0)
    followed.write("a.md", "One.")
    followed.write("b.md", "Two.")
    look, _ = syncing.advance(followed.source, followed.workspace, Look(), followed.ports)
    sources.remove(followed.owner, followed.workspace.id, followed.source.id, followed.ports)
    with pytest.raises(Cancelled):
        syncing.advance(followed.source, followed.workspace, look, followed.ports)
    assert list(followed.documents()) == ["a.md"]


def test_what_was_brought_before_a_place_was_away_is_not_brought_again(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.write("a.md", "One.")
    followed.write("b.md", "Two.")
    write = followed.ports.blobs.write

    def away(key: str, pieces: Iterable[bytes]) -> int:
        written = write(key, pieces)
        monkeypatch.setattr(followed.ports.blobs, "write", refuse)
        return written

    def refuse(*_: object) -> int:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(followed.ports.blobs, "write", away)
    with pytest.raises(Unavailable):
        followed.look()
    monkeypatch.setattr(followed.ports.blobs, "write", write)
    assert followed.look().counts.model_dump(include={"added", "unchanged", "changed"}) == {
        "added": 1, "unchanged": 1, "changed": 0,
    }  # fmt: skip
    assert {path: one.run for path, one in followed.documents().items()} == {"a.md": 1, "b.md": 1}
