"""The contract of the port `WorkspaceVersions`."""

from datetime import timedelta
from functools import partial

import pytest
from tests.contracts.examples import NOON, a_workspace, new_id
from tests.contracts.races import at_once
from tests.contracts.store import PostgresStore

from kosha.adapters.postgres.workspace_versions import PostgresWorkspaceVersions
from kosha.errors import NotFound
from kosha.model.page import PageOf
from kosha.model.workspace import ChunkOptions, KeptSettings
from kosha.ports import WorkspaceVersions
from kosha.workspaces import settings_of


@pytest.fixture
def versions(postgres: PostgresStore) -> WorkspaceVersions:
    return PostgresWorkspaceVersions(postgres.used)


def settings(**fields: object) -> KeptSettings:
    return settings_of(a_workspace(**fields))


FIRST, SECOND, THIRD = settings(name="first"), settings(name="second"), settings(name="third 🙂")


def keep(versions: WorkspaceVersions, home: str, before: KeptSettings, after: KeptSettings) -> None:
    versions.keep(home, before, after, by="ada", at=NOON)


def test_the_first_change_keeps_what_was_before_and_what_is_now(versions: WorkspaceVersions) -> None:
    home = new_id()
    keep(versions, home, FIRST, SECOND)
    now, before = versions.of(home, PageOf()).items
    assert (now.version, now.settings, now.previous, now.changed_by, now.changed_at) == (2, SECOND, FIRST, "ada", NOON)
    assert (before.version, before.settings, before.previous, before.changed_by) == (1, FIRST, None, None)


def test_each_change_adds_one_version(versions: WorkspaceVersions) -> None:
    home = new_id()
    keep(versions, home, FIRST, SECOND)
    keep(versions, home, SECOND, THIRD)
    keep(versions, home, THIRD, FIRST)
    assert [version.settings for version in versions.of(home, PageOf()).items] == [FIRST, THIRD, SECOND, FIRST]
    assert versions.get(home, 3).settings == THIRD


def test_what_is_the_newest_is_kept_once(versions: WorkspaceVersions) -> None:
    home = new_id()
    keep(versions, home, FIRST, SECOND)
    keep(versions, home, SECOND, SECOND)
    keep(versions, home, FIRST, SECOND)
    assert len(versions.of(home, PageOf()).items) == 2


def test_a_version_that_was_never_adopted_is_told_apart(versions: WorkspaceVersions) -> None:
    home = new_id()
    keep(versions, home, FIRST, SECOND)  # and then a crash
    keep(versions, home, FIRST, THIRD)
    assert [version.settings for version in versions.of(home, PageOf()).items] == [THIRD, FIRST, SECOND, FIRST]


def test_settings_come_back_as_they_were(versions: WorkspaceVersions) -> None:
    home = new_id()
    full = settings(
        name="a\x00b", languages=("de", "en"), chunk_options=ChunkOptions(parent_size=3000), hybrid_search=False
    )
    keep(versions, home, FIRST, full)
    assert versions.get(home, 2).settings == full.model_copy(update={"name": "a\ufffdb"})


def test_pages_hold_every_version_once(versions: WorkspaceVersions) -> None:
    home = new_id()
    for place in range(6):
        keep(versions, home, settings(name=str(place)), settings(name=str(place + 1)))
    found: list[tuple[int, str | None]] = []
    cursor: str | None = None
    while True:
        page = versions.of(home, PageOf(3, cursor))
        found += [(one.version, one.previous and one.previous.name) for one in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == [(7, "5"), (6, "4"), (5, "3"), (4, "2"), (3, "1"), (2, "0"), (1, None)]


def test_changes_at_one_moment_have_numbers_of_their_own(versions: WorkspaceVersions) -> None:
    home = new_id()
    at_once([partial(keep, versions, home, FIRST, settings(name=str(place))) for place in range(5)])
    numbers = [version.version for version in versions.of(home, PageOf(100)).items]
    assert numbers == list(range(len(numbers), 0, -1))


@pytest.mark.parametrize("version", [0, 3, 2**31, 10**20])
def test_a_version_that_never_was_is_not_found(versions: WorkspaceVersions, version: int) -> None:
    home = new_id()
    keep(versions, home, FIRST, SECOND)
    with pytest.raises(NotFound):
        versions.get(home, version)


def test_a_workspace_has_its_own_versions_and_they_can_be_forgotten(versions: WorkspaceVersions) -> None:
    home, other = new_id(), new_id()
    keep(versions, home, FIRST, SECOND)
    versions.keep(other, FIRST, THIRD, by="eve", at=NOON + timedelta(hours=1))
    versions.forget(home)
    versions.forget(home)
    assert versions.of(home, PageOf()).items == []
    assert versions.get(other, 2).changed_by == "eve"
