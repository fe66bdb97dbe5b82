"""The contract of the port `Workspaces`."""

from functools import partial

import pytest
from tests.contracts.examples import a_document, a_user, a_workspace, an_account, new_id
from tests.contracts.races import at_once
from tests.contracts.store import Store

from kosha.errors import Conflict, Invalid, NotFound
from kosha.model.page import PageOf
from kosha.ports import Counts, Workspaces

ADA, BOB = a_user("ada"), a_user("bob")


def test_a_workspace_comes_back_as_it_was_kept(workspaces: Workspaces) -> None:
    workspace = a_workspace(name="Händbuch 手册 🙂", chunk_options=None)
    workspaces.add(workspace, ADA)
    assert workspaces.get(workspace.id) == workspace
    assert workspaces.grant_of(workspace.id, ADA.id) == "owner"
    assert workspaces.seen_by(workspace.id, ADA.id) == (workspace, "owner")


def test_an_id_is_given_once(workspaces: Workspaces) -> None:
    workspace = a_workspace()
    workspaces.add(workspace, ADA)
    with pytest.raises(Conflict):
        workspaces.add(workspace.model_copy(update={"name": "Another"}), BOB)
    assert workspaces.grant_of(workspace.id, BOB.id) is None
    assert workspaces.seen_by(workspace.id, BOB.id) == (workspace, None)


@pytest.mark.parametrize("id", ["", "no uuid", "a\x00b", "\ud800", "'; drop table kosha.workspaces"])
def test_an_id_of_any_shape_is_not_found(workspaces: Workspaces, id: str) -> None:
    with pytest.raises(NotFound):
        workspaces.get(id)
    assert workspaces.grant_of(id, id) is None
    assert workspaces.members(id) == []
    workspaces.remove(id)


def test_what_is_put_replaces_what_was_kept(workspaces: Workspaces) -> None:
    workspace = a_workspace()
    workspaces.add(workspace, ADA)
    renamed = workspace.model_copy(update={"name": "Rules"})
    workspaces.put(renamed)
    assert workspaces.get(workspace.id) == renamed
    with pytest.raises(NotFound):
        workspaces.put(a_workspace())


def test_a_user_sees_the_workspaces_with_a_grant_by_name(workspaces: Workspaces) -> None:
    for name, owner in (("beta", ADA), ("Alpha", ADA), ("gamma", BOB)):
        workspaces.add(a_workspace(name=name), owner)
    listed = workspaces.of(ADA.id, PageOf())
    assert [(workspace.name, grant) for workspace, grant in listed.items] == [("Alpha", "owner"), ("beta", "owner")]
    assert [workspace.name for workspace in workspaces.all(PageOf()).items] == ["Alpha", "beta", "gamma"]


def test_pages_hold_every_workspace_once_also_those_of_one_name(workspaces: Workspaces) -> None:
    kept = [a_workspace(name="Same") for _ in range(5)]
    for workspace in kept:
        workspaces.add(workspace, ADA)
    seen: list[str] = []
    cursor = None
    while True:
        page = workspaces.of(ADA.id, PageOf(2, cursor))
        seen += [workspace.id for workspace, _ in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert sorted(seen) == sorted(workspace.id for workspace in kept)


def test_a_renamed_workspace_has_its_new_place_in_every_list(workspaces: Workspaces) -> None:
    kept = {name: a_workspace(name=name) for name in ("alpha", "Élan", "ÖL", "zeta")}
    for workspace in kept.values():
        workspaces.add(workspace, ADA)
    workspaces.put(kept["alpha"].model_copy(update={"name": "Zulu"}))
    names = ["zeta", "Zulu", "Élan", "ÖL"]
    first = workspaces.all(PageOf(2))
    rest = workspaces.all(PageOf(2, first.next_cursor))
    assert [workspace.name for page in (first, rest) for workspace in page.items] == names
    assert rest.next_cursor is None
    assert [workspace.name for workspace, _ in workspaces.of(ADA.id, PageOf()).items] == names


def test_a_cursor_of_another_users_list_shows_nothing_of_it(workspaces: Workspaces) -> None:
    for name, owner in (("a", ADA), ("b", ADA), ("c", ADA), ("d", BOB)):
        workspaces.add(a_workspace(name=name), owner)
    cursor = workspaces.of(ADA.id, PageOf(1)).next_cursor
    assert [workspace.name for workspace, _ in workspaces.of(BOB.id, PageOf(5, cursor)).items] == ["d"]


@pytest.mark.parametrize("cursor", ["x", "%%%", "bnVsbA", "W10", "WzEsMl0", "é", "[" * 5000, ""])
def test_a_malformed_cursor_is_the_callers_mistake(workspaces: Workspaces, cursor: str) -> None:
    with pytest.raises(Invalid):
        workspaces.all(PageOf(10, cursor))


def test_members_are_listed_by_their_present_names(store: Store) -> None:
    accounts = [an_account("zoe"), an_account("bob")]
    for account in accounts:
        store.know(account)
    workspace = a_workspace()
    store.workspaces.add(workspace, accounts[0].user)
    store.workspaces.set_grant(workspace.id, accounts[1].user.id, "viewer")
    members = [(member.user_name, member.grant) for member in store.workspaces.members(workspace.id)]
    assert members == [("bob", "viewer"), ("zoe", "owner")]


def test_the_last_owner_stays(workspaces: Workspaces) -> None:
    workspace = a_workspace()
    workspaces.add(workspace, ADA)
    workspaces.set_grant(workspace.id, BOB.id, "editor")
    with pytest.raises(Conflict):
        workspaces.remove_grant(workspace.id, ADA.id)
    with pytest.raises(Conflict):
        workspaces.set_grant(workspace.id, ADA.id, "viewer")
    workspaces.remove_grant(workspace.id, BOB.id)
    workspaces.set_grant(workspace.id, ADA.id, "owner")
    assert workspaces.grant_of(workspace.id, ADA.id) == "owner"


def test_two_owners_who_leave_at_once_do_not_both_go(workspaces: Workspaces) -> None:
    for _ in range(8):
        workspace = a_workspace()
        workspaces.add(workspace, ADA)
        workspaces.set_grant(workspace.id, BOB.id, "owner")
        outcomes = at_once(
            [
                partial(workspaces.remove_grant, workspace.id, ADA.id),
                partial(workspaces.set_grant, workspace.id, BOB.id, "viewer"),
            ]
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]


def test_a_grant_needs_a_workspace(workspaces: Workspaces) -> None:
    with pytest.raises(NotFound):
        workspaces.set_grant(new_id(), ADA.id, "viewer")


def test_a_removed_workspace_leaves_no_grant_and_no_document(store: Store) -> None:
    workspace = a_workspace()
    store.workspaces.add(workspace, ADA)
    document = a_document(workspace.id)
    store.documents.add(document)
    store.workspaces.remove(workspace.id)
    store.workspaces.remove(workspace.id)
    assert store.workspaces.grant_of(workspace.id, ADA.id) is None
    assert store.workspaces.of(ADA.id, PageOf()).items == []
    with pytest.raises(NotFound):
        store.documents.get(workspace.id, document.id)


def test_counts_tell_what_each_workspace_holds(store: Store) -> None:
    full, empty = new_id(), new_id()
    store.documents.add(a_document(full, vectors=3, size_in_bytes=3 * 2**31))
    store.documents.add(a_document(full, vectors=4, size_in_bytes=10))
    counts = store.workspaces.counts([full, empty])
    assert counts[full] == Counts(documents=2, vectors=7, size_bytes=3 * 2**31 + 10)
    assert counts.get(empty, Counts()) == Counts()


def test_counts_follow_documents_that_change_and_go(store: Store) -> None:
    home = new_id()
    first, second = a_document(home, size_in_bytes=5), a_document(home, size_in_bytes=7, vectors=2)
    for document in (first, second):
        store.documents.add(document)
    processed = first.model_copy(update={"status": "processed", "vectors": 40, "size_in_bytes": 6})
    assert store.documents.replace(first, processed)
    assert not store.documents.replace(first, processed.model_copy(update={"vectors": 1000}))
    assert store.workspaces.counts([home])[home] == Counts(documents=2, vectors=42, size_bytes=13)
    store.documents.remove(home, second.id)
    store.documents.remove(home, second.id)
    assert store.workspaces.counts([home, home])[home] == Counts(documents=1, vectors=40, size_bytes=6)
    store.documents.remove(home, first.id)
    assert store.workspaces.counts([home]).get(home, Counts()) == Counts()


def test_documents_that_come_and_go_at_once_are_all_counted(store: Store) -> None:
    home = new_id()
    gone = [a_document(home, vectors=1) for _ in range(4)]
    for document in gone:
        store.documents.add(document)
    come = [partial(store.documents.add, a_document(home, vectors=10)) for _ in range(4)]
    at_once([*come, *(partial(store.documents.remove, home, document.id) for document in gone)])
    assert store.workspaces.counts([home])[home] == Counts(documents=4, vectors=40)


def test_a_record_that_is_counted_anew_by_two_at_once_is_counted_as_it_is_kept(store: Store) -> None:
    document = a_document(new_id(), status="processing", run=1)
    store.documents.add(document)
    versions = [document.model_copy(update={"vectors": vectors}) for vectors in (3, 5, 7)]
    assert all(at_once([partial(store.documents.replace, document, version) for version in versions]))
    kept = store.documents.get(document.workspace_id, document.id)
    assert store.workspaces.counts([document.workspace_id])[document.workspace_id].vectors == kept.vectors
