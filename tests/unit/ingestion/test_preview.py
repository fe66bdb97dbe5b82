"""How a text or a document would be cut, without anything being stored."""

import pytest
from tests.contracts.examples import new_id
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Conflict, Invalid, NotFound
from kosha.ingestion import read
from kosha.ingestion.read import ChunkPreview, Preview
from kosha.model.page import PageOf

TEXT = " ".join(f"Rule number {number} says something else." for number in range(60))


def preview(house: House, **wanted: object) -> Preview:
    return read.preview(ADA, house.workspace.id, ChunkPreview.model_validate(wanted), house)


def test_a_text_is_cut_as_it_would_be_and_nothing_is_stored(house: House) -> None:
    found = preview(house, text=TEXT, chunking_strategy="semantic", chunk_options={"breakpoint_percentile": 60})
    assert found.count == len(found.chunks) > 1
    assert found.warnings == []
    assert house.documents.of(house.workspace.id, PageOf()).items == []


def test_children_tell_their_parent(house: House) -> None:
    options = {"parent_size": 400, "child_size": 100}
    found = preview(house, text=TEXT, chunking_strategy="parent-child", chunk_options=options)
    parents = [chunk.parent_index for chunk in found.chunks]
    assert parents == sorted(index for index in parents if index is not None)
    assert len(set(parents)) < len(parents)
    assert all(chunk.complement and chunk.content in chunk.complement for chunk in found.chunks)


def test_a_document_is_cut_as_it_was_read(house: House) -> None:
    document = house.has_file("rules.txt", TEXT.encode())
    with pytest.raises(Conflict, match="not read yet"):
        preview(house, document_id=document.id)
    house.work()
    assert [chunk.content for chunk in preview(house, document_id=document.id).chunks] == house.texts(document)


def test_without_a_model_the_preview_says_how_it_was_cut(house: House) -> None:
    house.embedders.model = None
    found = preview(house, text=TEXT, chunking_strategy="semantic")
    assert "between sentences" in found.warnings[0]


def test_by_meaning_only_the_first_part_of_a_long_text_is_shown_which_it_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "PREVIEW_MEANING_LIMIT_CHARACTERS", 500)
    found = preview(house, text=TEXT, chunking_strategy="semantic")
    assert sum(len(text) for text in house.model.embedded) <= 500
    assert "first 500 characters" in found.warnings[0]
    assert preview(house, text=TEXT, chunking_strategy="sentence").warnings == []


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"text": "a", "chunk_size": 200, "chunk_overlap": 200}, "chunkOverlap"),
        (
            {"text": "a", "chunking_strategy": "parent-child", "chunk_options": {"parent_size": 200}},
            "chunkOptions.parentSize",
        ),
        ({}, "text"),
        ({"text": "a", "document_id": new_id()}, "text"),
    ],
)
def test_what_cannot_be_cut_so_is_refused_by_its_name(house: House, wanted: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        preview(house, **wanted)
    assert [error[0] for error in refused.value.errors] == [path]


def test_a_document_of_another_workspace_is_not_shown(house: House) -> None:
    document = house.has_file()
    house.workspace = house.has_workspace()
    with pytest.raises(NotFound):
        preview(house, document_id=document.id)


def test_of_a_long_document_only_the_beginning_is_shown_which_it_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = house.has_file("rules.txt", TEXT.encode())
    house.work()
    assert preview(house, document_id=document.id).warnings == []
    monkeypatch.setattr(read, "PREVIEW_LIMIT_CHARACTERS", 500)
    found = preview(house, document_id=document.id, chunking_strategy="sentence")
    assert sum(len(chunk.content) for chunk in found.chunks) <= 500
    assert found.warnings == ["Only the first 500 characters are previewed."]
