"""What is read at once, and what is left to a job."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kosha.errors import KoshaError, Rejected, TooCostly, TooLarge, Unavailable
from kosha.ingestion import at_once
from kosha.ingestion.at_once import LIMIT_BYTES, is_read_at_once
from kosha.model.document import Document
from kosha.model.section import Parsed
from kosha.ports import Ports

NOW = "2026-11-20T12:00:00Z"


def document(**told: object) -> Document:
    """A file of 10 bytes named leave.txt, but for what is told."""
    file = {"id": "d", "workspaceId": "w", "type": "file", "title": "Leave", "path": "leave.txt", "sizeInBytes": 10}
    rest = {"contentType": "text/plain", "status": "processing", "run": 1, "createdAt": NOW, "updatedAt": NOW}
    return Document.model_validate({**file, **rest, **told})


def page(content_type: str, **told: object) -> Document:
    """A page of a site."""
    return document(parentId="s", path="https://example.org/report.pdf", contentType=content_type, **told)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.markdown", "a.log", "a.html", "a.htm", "b/c/A.HTML"])
def test_small_files_of_text_are_read_at_once(name: str) -> None:
    assert is_read_at_once(document(path=name))


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.csv", "a.json", "a.xml", "a.epub", "a.png", "a"])
def test_files_of_all_other_kinds_are_left_to_a_job(name: str) -> None:
    assert not is_read_at_once(document(path=name))


def test_a_page_is_read_as_what_it_was_sent_as_and_not_as_its_address_ends() -> None:
    assert is_read_at_once(page("text/html"))
    assert is_read_at_once(page("text/plain"))
    assert not is_read_at_once(page("application/pdf"))


def test_typed_texts_and_pairs_are_read_at_once() -> None:
    assert is_read_at_once(document(type="text", path=""))
    assert is_read_at_once(document(type="qna", path="", contentType="application/json"))


def test_the_limit_is_the_last_size_that_is_read_at_once() -> None:
    assert is_read_at_once(document(sizeInBytes=LIMIT_BYTES))
    assert not is_read_at_once(document(sizeInBytes=LIMIT_BYTES + 1))
    assert not is_read_at_once(page("text/html", sizeInBytes=LIMIT_BYTES + 1))


def test_a_pair_is_not_parsed_at_all() -> None:
    assert at_once.parse(document(type="qna"), ports(Unavailable("Nobody reads.")))


def test_what_takes_too_much_is_left_to_a_job() -> None:
    assert not at_once.parse(document(), ports(TooCostly("It took longer than 30 seconds.")))


@pytest.mark.parametrize(
    "error", [Rejected("No text."), TooLarge("Too much text."), Unavailable("The files are away.")]
)
def test_every_other_error_flies(error: KoshaError) -> None:
    with pytest.raises(type(error)):
        at_once.parse(document(), ports(error))


def ports(error: KoshaError) -> Ports:
    """Ports whose parser raises it."""

    class Blobs:
        def file(self, _: str) -> "Blobs":
            return self

        def __enter__(self) -> Path:
            return Path("original")

        def __exit__(self, *_: object) -> None: ...

    class Parser:
        def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
            raise error

    return cast("Ports", cast("Any", SimpleNamespace(blobs=Blobs(), parser=Parser())))
