"""Changes of documents and chunks by people: found at once, kept through imports, and whole after a crash."""

import pytest
from pydantic import ValidationError
from tests.contracts.examples import new_id
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Forbidden, Invalid, NotFound, Unavailable
from kosha.ingestion import changes, lifecycle, sweep
from kosha.ingestion.changes import ChunkChange, DocumentChange
from kosha.model.document import Document
from kosha.model.search import Condition, Filters
from kosha.model.user import Caller, User

EVE = Caller(user=User(id="22222222-2222-4222-8222-222222222222", name="eve"))


class Killed(BaseException):
    """Stands for kill -9: nothing of ours may catch it."""


def change(house: House, document: Document, **wish: object) -> Document:
    told = DocumentChange.model_validate(wish)
    return changes.document(ADA, house.workspace.id, document.id, told, house)


def edit(house: House, document: Document, place: int, **wish: object) -> None:
    told = ChunkChange.model_validate(wish)
    changes.chunk(ADA, house.workspace.id, document.id, house.chunk_ids(document)[place], told, house)


def found(house: House, query: str, *conditions: Condition, by_vector: bool = False) -> list[str]:
    """Contents of what is found by words, or by meaning, best first."""
    vector = house.model.embed([query], kind="query")[0] if by_vector else None
    filters = Filters(all=conditions)
    words = "" if by_vector else query
    rankings = house.pgvector.rankings(house.workspace, words, vector, limit=10, filters=filters)
    ranking = rankings.vector if by_vector else rankings.keyword
    return [hit.content for hit in house.pgvector.hits(house.workspace.id, [one.chunk_id for one in ranking])]


def killed_at(house: House, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies when the index is next asked for this."""

    def die(*_: object) -> None:
        monkeypatch.undo()
        raise Killed

    monkeypatch.setattr(house.pgvector, method, die)


@pytest.fixture
def served(house: House) -> Document:
    """A document of two passages."""
    document = house.has_file("rules.md", b"# Leave\n\nLeave is 25 days.\n\n# Travel\n\nTravel is paid.")
    house.work()
    return changes.document(ADA, house.workspace.id, document.id, DocumentChange(title="Handbook"), house)


class TestDocuments:
    def test_title_fields_and_switch_reach_the_record_and_what_is_found(self, house: House, served: Document) -> None:
        changed = change(house, served, title=" Almanac ", metadata={"team": "hr", "year": 2026, "draft": True})
        assert (changed.title, changed.change_pending) == ("Almanac", False)
        assert house.again(served) == changed
        assert len(found(house, "almanac")) == 2
        for field, value in {
            "metadata.team": "hr",
            "metadata.year": 2026.0,
            "metadata.draft": True,
            "title": "Almanac",
        }.items():
            assert len(found(house, "almanac", Condition(field=field, op="eq", value=value))) == 2
        change(house, served, enabled=False)
        assert found(house, "leave travel almanac") == found(house, "leave", by_vector=True) == []
        change(house, served, enabled=True)
        assert len(found(house, "almanac")) == 2

    def test_what_is_left_out_stays(self, house: House, served: Document) -> None:
        change(house, served, metadata={"team": "hr"}, enabled=False)
        changed = change(house, served, title="Almanac", metadata=None)
        assert (changed.metadata, changed.enabled) == ({"team": "hr"}, False)
        assert change(house, served) == changed

    def test_fields_take_the_place_of_those_before(self, house: House, served: Document) -> None:
        change(house, served, metadata={"team": "hr"})
        assert change(house, served, metadata={}).metadata == {}
        assert found(house, "leave", Condition(field="metadata.team", op="eq", value="hr")) == []

    @pytest.mark.parametrize(
        "wish",
        [
            {"title": " "},
            {"title": "x" * 501},
            {"metadata": {"": "x"}},
            {"metadata": {"a": None}},
            {"metadata": {"a": ["b"]}},
            {"metadata": {"a": "x" * 1001}},
            {"metadata": {str(number): 1 for number in range(51)}},
            {"status": "processed"},
        ],
    )
    def test_what_no_document_can_have_is_refused(self, wish: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            DocumentChange.model_validate(wish)

    @pytest.mark.parametrize("wish", [{"enabled": False}, {"title": "Almanac"}, {"metadata": {"team": "hr"}}])
    def test_a_change_that_was_killed_half_way_is_finished_by_the_next_worker(
        self, house: House, served: Document, monkeypatch: pytest.MonkeyPatch, wish: dict[str, object]
    ) -> None:
        killed_at(house, "describe", monkeypatch)
        with pytest.raises(Killed):
            change(house, served, **wish)
        assert house.again(served).change_pending
        sweep.imports(house)
        assert not house.again(served).change_pending
        assert house.again(served).status == "processed"
        fields = [Condition(field="metadata.team", op="eq", value="hr")] if "metadata" in wish else []
        assert (
            len(found(house, "leave almanac", *fields)) == {"enabled": 0, "title": 2, "metadata": 1}[next(iter(wish))]
        )

    def test_a_change_while_the_database_of_vectors_is_away_is_told_and_finished_later(
        self, house: House, served: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            monkeypatch.undo()
            raise Unavailable("It sleeps.")

        monkeypatch.setattr(house.pgvector, "describe", away)
        with pytest.raises(Unavailable):
            change(house, served, enabled=False)
        sweep.imports(house)
        assert found(house, "leave") == []

    @pytest.mark.parametrize("state", ["begin", "parse", "split", "index"])
    def test_a_change_during_an_import_is_neither_lost_nor_undone(
        self, house: House, served: Document, state: str
    ) -> None:
        lifecycle.retry(ADA, house.workspace.id, served.id, house)
        house.after_state(state, lambda: change(house, served, title="Almanac", enabled=False))
        house.work()
        after = house.again(served)
        assert (after.status, after.title, after.enabled, after.run) == ("processed", "Almanac", False, 2)
        assert found(house, "leave almanac") == []
        change(house, served, enabled=True)
        assert len(found(house, "almanac")) == 2

    def test_a_change_between_publishing_and_its_end_is_served(
        self, house: House, served: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish = house.pgvector.publish

        def publish_late(workspace: object, document: Document) -> int:
            monkeypatch.undo()
            change(house, served, title="Almanac")
            return publish(house.workspace, document)

        lifecycle.retry(ADA, house.workspace.id, served.id, house)
        monkeypatch.setattr(house.pgvector, "publish", publish_late)
        house.work()
        assert len(found(house, "almanac")) == 2
        assert house.again(served).title == "Almanac"

    def test_the_pages_of_a_site_follow_its_switch_and_fields(self, house: House, served: Document) -> None:
        site = served.model_copy(update={"id": new_id(), "type": "website", "vectors": 0})
        house.documents.add(site)
        house.documents.remove(house.workspace.id, served.id)
        page = served.model_copy(update={"parent_id": site.id})
        house.documents.add(page)
        change(house, site, enabled=False, metadata={"team": "hr"})
        assert found(house, "leave") == []
        assert (house.again(page).enabled, house.again(page).metadata) == (False, {"team": "hr"})
        change(house, site, enabled=True)
        change(house, page, enabled=False)
        change(house, site, title="The site")
        assert (house.again(page).enabled, house.again(page).title) == (False, served.title)

    def test_only_editors_change_documents_and_chunks(self, house: House, served: Document) -> None:
        chunk_id = house.chunk_ids(served)[0]
        for grant, refusal in ((None, NotFound), ("viewer", Forbidden)):
            if grant:
                house.workspaces.set_grant(house.workspace.id, EVE.user.id, grant)
            with pytest.raises(refusal):
                changes.document(EVE, house.workspace.id, served.id, DocumentChange(enabled=False), house)
            with pytest.raises(refusal):
                changes.chunk(EVE, house.workspace.id, served.id, chunk_id, ChunkChange(enabled=False), house)
        assert len(found(house, "leave")) == 1


class TestChunks:
    def test_an_edit_is_embedded_again_and_found_by_new_words_and_meaning(self, house: House, served: Document) -> None:
        ids = house.chunk_ids(served)
        edit(house, served, 0, content="Zebras graze.")
        assert house.model.embedded[-1] == "Zebras graze."
        assert found(house, "zebras") == ["Zebras graze."]
        assert found(house, "days") == []
        assert found(house, "zzzebra", by_vector=True)[0] == "Zebras graze."
        assert house.chunk_ids(served) == ids

    def test_a_chunk_that_is_off_is_listed_but_not_found(self, house: House, served: Document) -> None:
        before = house.texts(served)
        edit(house, served, 0, enabled=False)
        assert house.texts(served) == before
        assert found(house, "days") == []
        assert len(found(house, "leave", by_vector=True)) == 1

    def test_a_new_import_of_the_same_bytes_keeps_edits(self, house: House, served: Document) -> None:
        edit(house, served, 0, content="Zebras graze.")
        edit(house, served, 1, enabled=False)
        lifecycle.retry(ADA, house.workspace.id, served.id, house)
        house.work()
        assert house.again(served).run == 2
        assert house.texts(served)[0] == "Zebras graze."
        assert found(house, "zebras travel") == ["Zebras graze."]

    def test_a_new_import_of_other_words_replaces_edits(self, house: House, served: Document) -> None:
        edit(house, served, 0, content="Zebras graze.")
        house.blobs.write(f"{house.workspace.id}/{served.id}/original", [b"# Leave\n\nLeave is 30 days."])
        lifecycle.retry(ADA, house.workspace.id, served.id, house)
        house.work()
        assert found(house, "zebras") == []
        assert len(found(house, "30 days")) == 1

    @pytest.mark.parametrize("content", ["", "  \n"])
    def test_a_passage_without_words_is_refused_with_advice(self, house: House, served: Document, content: str) -> None:
        with pytest.raises(Invalid, match="disable"):
            edit(house, served, 0, content=content)

    def test_a_model_that_does_not_answer_leaves_the_chunk_as_it_was(self, house: House, served: Document) -> None:
        def away(_: object) -> None:
            raise Unavailable("The model does not answer.")

        before = house.texts(served)
        house.model.before_batch = away
        with pytest.raises(Unavailable):
            edit(house, served, 0, content="Zebras graze.")
        assert house.texts(served) == before

    def test_without_a_model_an_edit_is_found_by_its_words(self, house: House, served: Document) -> None:
        house.embedders.model = None
        edit(house, served, 0, content="Zebras graze.")
        assert found(house, "zebras") == ["Zebras graze."]

    def test_a_chunk_of_a_document_that_is_off_stays_out_of_search(self, house: House, served: Document) -> None:
        change(house, served, enabled=False)
        edit(house, served, 0, content="Zebras graze.", enabled=True)
        assert found(house, "zebras") == []

    def test_a_document_that_is_gone_has_no_chunks(self, house: House, served: Document) -> None:
        with pytest.raises(NotFound):
            changes.chunk(ADA, house.workspace.id, new_id(), new_id(), ChunkChange(enabled=False), house)
