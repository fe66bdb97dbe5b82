"""How a document is taken in."""

from collections.abc import Iterable

import pytest
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Conflict, Forbidden, Invalid, NotFound, Rejected, TooLarge, UnsupportedType
from kosha.ingestion import register, remove
from kosha.model.page import PageOf
from kosha.model.user import Caller, User

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))


def _ask(house: House, name: str, size_bytes: int = 10, content_type: str | None = None, caller: Caller = ADA):
    upload = register.FileUpload(file_name=name, size_bytes=size_bytes, content_type=content_type)
    return register.file_upload(caller, house.workspace.id, upload, house)


def test_a_file_is_recorded_before_its_bytes_come(house: House) -> None:
    document, ticket = _ask(house, "Leave.pdf", 1234)
    assert house.again(document).status == "awaiting"
    assert (ticket.method, ticket.headers) == ("PUT", {"Content-Type": "application/pdf"})
    upload = house.blobs.open_ticket(ticket.url.removeprefix("/upload/"))
    assert (upload.document_id, upload.size_bytes) == (document.id, 1234)


@pytest.mark.parametrize(
    ("name", "size_bytes", "error"),
    [("a.exe", 10, UnsupportedType), ("a.pdf", 100 * 2**20 + 1, TooLarge), ("a.pdf", 0, Rejected), ("/", 10, Invalid)],
)
def test_what_can_be_refused_by_name_or_size_is_refused_at_the_ticket(
    house: House, name: str, size_bytes: int, error: type[Rejected]
) -> None:
    with pytest.raises(error):
        _ask(house, name, size_bytes)
    assert not house.documents.of(house.workspace.id, PageOf()).items


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\plan.md", "plan.md"),
        ("in\x00visi\u202eble\r\n.txt", "invisible.txt"),
        (".hidden.txt", "hidden.txt"),
        ("  two   spaces .txt", "two spaces .txt"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("n" * 300 + ".docx", "n" * 195 + ".docx"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert register.clean_name(given) == kept


def test_a_content_type_that_cannot_stand_in_a_header_is_not_believed(house: House) -> None:
    document, _ = _ask(house, "a.html", content_type="text/html\r\nSet-Cookie: x")
    assert document.content_type == "text/html"


def test_a_stranger_is_told_that_there_is_no_such_workspace(house: House) -> None:
    with pytest.raises(NotFound):
        _ask(house, "a.txt", caller=EVE)


def test_a_viewer_may_not_add_documents(house: House) -> None:
    house.workspaces.set_grant(house.workspace.id, EVE.user.id, "viewer")
    with pytest.raises(Forbidden):
        _ask(house, "a.txt", caller=EVE)


def test_a_workspace_that_goes_away_takes_no_documents(house: House) -> None:
    house.workspaces.put(house.workspace.model_copy(update={"status": "deleting"}))
    with pytest.raises(Conflict, match="deleting"):
        _ask(house, "a.txt")


def test_a_file_is_imported_once_however_often_its_arrival_is_told(house: House) -> None:
    document = house.has_file()
    again = register.arrived(house.workspace.id, document.id, house)
    assert (again.status, again.run) == ("submitted", 1)
    house.work()
    assert register.arrived(house.workspace.id, document.id, house).status == "processed"
    assert house.texts(document) == ["Leave is 25 days a year."]


def test_bytes_are_awaited_only_once(house: House) -> None:
    document = house.awaits()
    assert register.awaited(house.workspace.id, document.id, house).id == document.id
    register.arrived(house.workspace.id, document.id, house)
    with pytest.raises(Conflict):
        register.awaited(house.workspace.id, document.id, house)


def test_bytes_that_come_for_a_deleted_document_are_forgotten(house: House) -> None:
    document = house.awaits()
    remove.document(ADA, house.workspace.id, document.id, house)
    house.blobs.write(f"{house.workspace.id}/{document.id}/original", [b"late"])
    with pytest.raises(NotFound):
        register.arrived(house.workspace.id, document.id, house)
    assert list(house.left_of(document)) == []


def test_a_text_is_a_document(house: House) -> None:
    text = register.TextUpload(title="Leave", content="Leave is 25 days a year.")
    document = register.text(ADA, house.workspace.id, text, house)
    house.work()
    kept = house.again(document)
    assert (kept.type, kept.status, kept.vectors, kept.progress) == ("text", "processed", 1, 1.0)


def test_of_a_pair_the_question_is_embedded_and_the_answer_given(house: House) -> None:
    pair = register.QnaUpload(question="How much leave?", answer="25 days a year.")
    document = register.qna(ADA, house.workspace.id, pair, house)
    house.work()
    [chunk] = house.pgvector.chunks(house.workspace.id, document.id, PageOf()).items
    assert (chunk.content, chunk.content_complement) == ("How much leave?", "25 days a year.")
    assert house.model.embedded == ["How much leave?"]


def test_a_text_whose_bytes_a_bucket_tells_of_at_once_is_submitted_once(house: House) -> None:
    """The bucket's news and our own may come in either order, and both at once."""
    write = house.blobs.write

    def write_and_tell(key: str, pieces: Iterable[bytes]) -> int:
        written = write(key, pieces)
        assert register.arrived_at(key, house)
        return written

    house.blobs.write = write_and_tell
    upload = register.TextUpload(title="Leave", content="Leave is 25 days a year.")
    document = register.text(ADA, house.workspace.id, upload, house)
    assert (document.status, document.run) == ("submitted", 1)
    assert house.again(document) == document
