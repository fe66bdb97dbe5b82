"""What is deleted leaves nothing behind."""

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Forbidden, NotFound
from kosha.ingestion import register, remove
from kosha.model.page import PageOf
from kosha.model.user import Caller, User

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))


def test_of_a_removed_document_nothing_is_left(house: House) -> None:
    document = house.has_file()
    house.work()
    remove.document(ADA, house.workspace.id, document.id, house)
    assert list(house.left_of(document)) == []
    with pytest.raises(NotFound):
        remove.document(ADA, house.workspace.id, document.id, house)


def test_a_document_removed_while_it_is_embedded_leaves_nothing(house: House) -> None:
    document = house.has_long_file()
    house.model.before_batch = lambda _: remove.document(ADA, house.workspace.id, document.id, house)
    house.work()
    assert list(house.left_of(document)) == []
    assert not house.workflows.is_live(f"{document.id}-1")


def test_a_document_removed_while_it_is_read_leaves_nothing(house: House) -> None:
    document = house.has_file()
    house.while_parsing(lambda: remove.document(ADA, house.workspace.id, document.id, house))
    house.work()
    assert list(house.left_of(document)) == []


def test_a_document_whose_workspace_is_gone_leaves_nothing(house: House) -> None:
    document = house.has_long_file()

    def delete_workspace(_: object) -> None:
        house.model.before_batch = lambda _: None
        while not remove.part_of_workspace(house.workspace.id, house):
            pass

    house.model.before_batch = delete_workspace
    house.work()
    assert list(house.left_of(document)) == []


def test_a_removed_workspace_takes_its_documents_with_it(house: House) -> None:
    documents = [house.has_file() for _ in range(3)]
    house.work()
    register.text(ADA, house.workspace.id, register.TextUpload(title="t", content="in work"), house)
    assert remove.workspace(ADA, house.workspace.id, house).status == "deleting"
    house.work()
    assert [list(house.left_of(document)) for document in documents] == [[], [], []]
    assert not house.workspaces.all(PageOf()).items
    assert not list(house.folder.rglob("*original*"))


def test_a_workspace_of_many_documents_goes_a_slice_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove, "SLICE", 2)
    for _ in range(5):
        house.awaits()
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    assert not house.workspaces.all(PageOf()).items


def test_a_deletion_that_failed_is_told_and_can_be_asked_for_again(house: House) -> None:
    house.has_file()
    house.index = lambda engine: (_ for _ in ()).throw(ZeroDivisionError)
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    kept = house.workspaces.get(house.workspace.id)
    assert kept.status == "error"
    assert "Something went wrong on our side" in (kept.status_reason or "")
    del house.index
    house.pass_time(seconds=1)
    remove.workspace(ADA, house.workspace.id, house)
    house.work()
    assert not house.workspaces.all(PageOf()).items


def test_only_editors_remove_documents_and_only_owners_workspaces(house: House) -> None:
    document = house.has_file()
    with pytest.raises(NotFound):
        remove.document(EVE, house.workspace.id, document.id, house)
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "viewer")
    with pytest.raises(Forbidden):
        remove.document(EVE, house.workspace.id, document.id, house)
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "editor")
    with pytest.raises(Forbidden):
        remove.workspace(EVE, house.workspace.id, house)
    remove.document(EVE, house.workspace.id, document.id, house)
