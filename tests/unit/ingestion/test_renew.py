"""A new version of a file: beside the old one until it is served, and nothing at all for the same bytes."""

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Conflict, Invalid, NotFound, Unavailable
from kosha.ingestion import keys, lifecycle, register, remove
from kosha.model.document import Document
from kosha.model.user import Caller, User

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))
OLD, NEW = b"Leave is 25 days a year.", b"Leave is 30 days a year."


def _replaced(house: House, document: Document, content: bytes = NEW, name: str = "leave.txt") -> str:
    """Upload a new version, as a browser does; the key it lies at."""
    upload = register.FileUpload(file_name=name, size_bytes=len(content), replaces=document.id)
    of, ticket = register.file_upload(ADA, house.workspace.id, upload, house)
    assert of.id == document.id
    key = house.blobs.open_ticket(ticket.url.removeprefix("/upload/")).key
    house.blobs.write(key, [content])
    assert register.arrived_at(key, house)
    return key


def _original(house: House, document: Document) -> bytes:
    with house.blobs.open(keys.original(house.again(document))) as file:
        return file.read()


def _files(house: House, document: Document) -> list[str]:
    """What lies in the document's folder, made by imports or brought."""
    folder = house.folder / document.workspace_id / document.id
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def served(house: House) -> Document:
    document = house.has_file(content=OLD)
    house.work()
    return house.again(document)


def test_a_new_version_is_served_in_the_place_of_the_old_one(house: House, served: Document) -> None:
    _replaced(house, served)
    assert house.texts(served) == [OLD.decode()]
    assert _original(house, served) == OLD
    house.work()
    kept = house.again(served)
    assert (kept.status, kept.run, kept.size_in_bytes, kept.created_at) == ("processed", 2, 24, served.created_at)
    assert house.texts(served) == [NEW.decode()]
    assert _original(house, served) == NEW
    assert _files(house, served) == [kept.original, "run-2"]


def test_a_new_version_that_cannot_be_read_leaves_the_old_one_with_its_bytes(house: House, served: Document) -> None:
    _replaced(house, served, b"\x00\x01\x02" * 100)
    house.work()
    assert house.again(served).status == "error"
    assert house.texts(served) == [OLD.decode()]
    assert _original(house, served) == OLD


def test_a_new_version_that_failed_is_tried_again_by_itself(house: House, served: Document) -> None:
    def refuse(_: object) -> None:
        raise Unavailable("The model is away.")

    house.model.before_batch = refuse
    _replaced(house, served)
    while house.again(served).status != "error":
        house.work()
        house.pass_time(hours=1)
    house.model.before_batch = lambda _: None
    lifecycle.retry(ADA, house.workspace.id, served.id, house)
    house.work()
    assert house.texts(served) == [NEW.decode()]


def test_the_same_bytes_again_do_nothing(house: House, served: Document) -> None:
    house.model.embedded.clear()
    _replaced(house, served, OLD)
    house.work()
    assert house.again(served) == served
    assert house.model.embedded == []
    assert _files(house, served) == ["original", "run-1"]


def test_the_same_bytes_are_cut_anew_where_the_workspace_asks_for_it(house: House, served: Document) -> None:
    house.workspaces.put(house.workspace.model_copy(update={"chunk_size": 500}))
    _replaced(house, served, OLD)
    house.work()
    assert house.again(served).run == 2


def test_the_same_bytes_mend_an_import_that_failed(house: House, served: Document) -> None:
    _replaced(house, served, b"\x00\x01\x02" * 100)
    house.work()
    _replaced(house, served, OLD)
    house.work()
    kept = house.again(served)
    assert (kept.status, house.texts(served)) == ("processed", [OLD.decode()])
    assert _files(house, served) == [kept.original, "run-3"]


def test_a_person_who_asks_for_it_has_the_same_bytes_embedded_again(house: House, served: Document) -> None:
    house.model.embedded.clear()
    lifecycle.retry(ADA, house.workspace.id, served.id, house)
    house.work()
    assert house.model.embedded == [OLD.decode()]


def test_a_version_that_comes_during_an_import_takes_its_place(house: House, served: Document) -> None:
    _replaced(house, served, b"Leave is 27 days a year.")
    house.after_state("parse", lambda: _replaced(house, served))
    house.work()
    kept = house.again(served)
    assert (kept.status, kept.run) == ("processed", 3)
    assert house.texts(served) == [NEW.decode()]
    assert _files(house, served) == [kept.original, "run-3"]


def test_a_version_is_imported_once_however_often_its_arrival_is_told(house: House, served: Document) -> None:
    key = _replaced(house, served)
    assert register.arrived_at(key, house)
    house.work()
    kept = house.again(served)
    assert register.arrived_at(key, house)
    assert register.arrived_at(keys.version(served, "original-gone"), house)
    assert house.again(served) == kept


def test_a_version_of_a_deleted_document_is_forgotten(house: House, served: Document) -> None:
    key = keys.version(served, "original-late")
    remove.document(ADA, house.workspace.id, served.id, house)
    house.blobs.write(key, [NEW])
    assert not register.arrived_at(key, house)
    assert list(house.left_of(served)) == []


def test_what_cannot_be_a_new_version_is_refused_at_the_ticket(house: House, served: Document) -> None:
    with pytest.raises(Invalid, match="another kind"):
        _replaced(house, served, name="leave.pdf")
    with pytest.raises(Conflict, match="have not come"):
        _replaced(house, house.awaits())
    text = register.text(ADA, house.workspace.id, register.TextUpload(title="t", content="c"), house)
    with pytest.raises(Invalid, match="no file"):
        _replaced(house, text)
    upload = register.FileUpload(file_name="a.txt", size_bytes=3, replaces=served.id)
    with pytest.raises(NotFound):
        register.file_upload(EVE, house.workspace.id, upload, house)
    with pytest.raises(NotFound):
        _replaced(house, served.model_copy(update={"id": "33333333-3333-4333-8333-333333333333"}))


def test_the_path_of_a_file_is_kept_without_ways_out(house: House) -> None:
    upload = register.FileUpload(file_name="a.txt", size_bytes=3, path="notes/2026/a.txt")
    document, _ = register.file_upload(ADA, house.workspace.id, upload, house)
    assert (document.title, document.path) == ("a.txt", "notes/2026/a.txt")
    out = upload.model_copy(update={"path": "../a.txt"})
    with pytest.raises(Invalid):
        register.file_upload(ADA, house.workspace.id, out, house)


def test_the_bytes_of_a_version_come_once(house: House, served: Document) -> None:
    name = _replaced(house, served).rpartition("/")[2]
    about = house.workspace.id, served.id, house, name
    with pytest.raises(Conflict, match="not awaited any more"):
        register.awaited(*about)
    house.work()
    with pytest.raises(Conflict, match="not awaited any more"):
        register.awaited(*about)
    assert register.awaited(*about[:3], "original-other").id == served.id
