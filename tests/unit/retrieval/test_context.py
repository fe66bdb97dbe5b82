"""Choosing the passages of a prompt, and how much of them is read."""

from collections.abc import Sequence

import pytest

from kosha.model.chunk import Hit, IndexedChunk
from kosha.model.workspace import RetrievalOptions
from kosha.retrieval.compress import compressed
from kosha.retrieval.context import Context, arranged, candidates_for, choose, clear, context_of, shrunk
from kosha.retrieval.listwise import PASSAGES_AT_MOST
from kosha.retrieval.widen import merged


def hit(content: str, complement: str | None = None, score: float = 0, document_type: str = "text") -> Hit:
    return Hit.model_validate(
        {"chunk_id": content, "document_id": "d", "document_type": document_type, "title": "", "path": "",
         "content": content, "content_complement": complement, "score": score}
    )  # fmt: skip


def chosen(hits: list[Hit], *, budget_tokens: int = 100, top_k: int = 8, diversity: float = 0) -> list[str]:
    words = choose(
        hits, budget_tokens=budget_tokens, top_k=top_k, tokens=lambda text: len(text.split()), diversity=diversity
    )
    return [hit.content for hit in words]


def test_the_best_come_first_up_to_top_k() -> None:
    assert chosen([hit("one"), hit("two"), hit("three")], top_k=2) == ["one", "two"]


def test_a_passage_that_does_not_fit_is_left_out_and_a_shorter_one_is_taken() -> None:
    assert chosen([hit("a b c"), hit("d e f g"), hit("h")], budget_tokens=4) == ["a b c", "h"]


def test_the_best_passage_is_there_whatever_its_length() -> None:
    assert chosen([hit("a b c d e"), hit("f")], budget_tokens=2) == ["a b c d e"]


def test_a_passage_that_says_the_same_again_is_left_out() -> None:
    again = hit("leave is twenty five days a YEAR indeed")
    assert chosen([hit("leave is twenty five days a year"), again, hit("travel is paid")]) == [
        "leave is twenty five days a year",
        "travel is paid",
    ]


def test_of_a_question_and_answer_the_answer_is_counted_and_compared() -> None:
    pairs = [hit("how much?", "twenty five days"), hit("how many days?", "twenty five days"), hit("when?", "in May")]
    assert chosen(pairs, budget_tokens=5) == ["how much?", "when?"]


def test_parents_of_one_passage_are_given_once() -> None:
    assert chosen([hit("child one", "the whole parent passage"), hit("child two", "the whole parent passage")]) == [
        "child one"
    ]


def test_diversity_brings_what_is_new_before_what_is_alike() -> None:
    hits = [
        hit("leave is 25 days for all of us", score=1.0),
        hit("leave is 30 days for some of us", score=0.9),
        hit("travel needs a form", score=0.6),
    ]
    assert chosen(hits, top_k=2) == [hits[0].content, hits[1].content]
    assert chosen(hits, top_k=2, diversity=0.5) == [hits[0].content, hits[2].content]


def test_the_best_stand_at_both_ends_where_a_workspace_wants_it() -> None:
    hits = [hit(name) for name in "12345"]
    assert [one.content for one in arranged(hits, "edges")] == ["1", "3", "5", "4", "2"]
    assert arranged(hits, "best-first") == hits


def test_what_is_far_below_the_best_is_left_out_where_depth_adapts() -> None:
    assert [one.content for one in clear([hit("a", score=0.9), hit("b", score=0.8), hit("c", score=0.2)])] == ["a", "b"]
    assert clear([]) == []


@pytest.mark.parametrize(
    ("options", "count"), [({}, 8), ({"diversity": 0.3}, 24), ({"top_k": 30, "context": "neighbours"}, 50)]
)
def test_more_is_looked_for_where_some_is_left_out(options: dict[str, object], count: int) -> None:
    assert candidates_for(RetrievalOptions.model_validate(options)) == count


class Shelf:
    """An index of one document."""

    def __init__(self, *contents: str) -> None:
        self._chunks = [
            IndexedChunk(chunk_id=content, document_id="d", index=place, content=content)
            for place, content in enumerate(contents)
        ]

    def neighbours(self, workspace_id: str, chunk_ids: Sequence[str], *, reach: int) -> dict[str, list[IndexedChunk]]:
        places = {chunk.chunk_id: chunk.index for chunk in self._chunks}
        return {one: self._chunks[max(0, places[one] - reach) : places[one] + reach + 1] for one in chunk_ids}


def read(hits: list[Hit], shelf: Shelf | None = None, question: str = "leave", **options: object) -> Context:
    return context_of(
        hits, question=question, options=RetrievalOptions.model_validate(options), index=shelf or Shelf(),  # type: ignore[arg-type]
        workspace_id="w", budget_tokens=1000,
    )  # fmt: skip


def texts(context: Context) -> list[str]:
    return [one.content for one in context.read]


class TestWhatIsRead:
    def test_a_parent_is_read_instead_of_its_child(self) -> None:
        context = read([hit("child", "the child in its parent")])
        assert texts(context) == ["the child in its parent"]
        assert context.hits[0].content == "child"

    def test_or_the_child_alone(self) -> None:
        assert texts(read([hit("child", "the child in its parent")], context="passage")) == ["child"]

    def test_a_question_and_answer_pair_stays_whole(self) -> None:
        [pair] = read([hit("Who?", "Ada.", document_type="qna")], context="passage").read
        assert (pair.content, pair.content_complement) == ("Who?", "Ada.")

    def test_neighbours_are_read_with_a_hit_and_no_word_twice(self) -> None:
        shelf = Shelf("One. Two.", "Two. Three.", "Four.", "Five.")
        context = read([hit("Two. Three.")], shelf, context="neighbours")
        assert texts(context) == ["One. Two. Three.\nFour."]
        assert [one.content for one in context.around["Two. Three."]] == ["One. Two.", "Four."]

    def test_a_hit_that_is_read_beside_a_better_one_is_not_read_again(self) -> None:
        shelf = Shelf("One.", "Two.", "Three.", "Four.", "Five.")
        assert texts(read([hit("Two."), hit("Three."), hit("Five.")], shelf, context="neighbours")) == [
            "One.\nTwo.\nThree.",
            "Four.\nFive.",
        ]

    def test_only_what_bears_on_the_question_is_read_where_passages_are_compressed(self) -> None:
        long = " ".join(f"The canteen serves dish {number} on weekdays." for number in range(20))
        passage = hit(f"{long} Leave is 25 days. It lapses in March. {long}")
        context = read([passage], question="How much leave?", compress=True)
        assert texts(context) == ["Leave is 25 days. It lapses in March."]
        assert context.hits == (passage,)


def test_a_gap_between_chunks_shows() -> None:
    chunks = [IndexedChunk(chunk_id=str(place), document_id="d", index=place, content=f"c{place}") for place in (1, 3)]
    assert merged(chunks) == "c1\n…\nc3"


def test_every_compressed_sentence_stands_in_its_passage() -> None:
    passage = hit("Leave of absence. " * 30 + "Nobody knows why. Leave is 25 days. " + "Canteen. " * 60)
    [short] = compressed([passage], "leave days")
    assert len(short.content) < len(passage.content)
    assert all(part.strip() in passage.content for part in short.content.split("…"))


def test_a_passage_without_a_word_of_the_question_keeps_its_beginning() -> None:
    [short] = compressed([hit("Nine o'clock it opens. Ten it is full. " + "Other things are told here. " * 30)], "休暇")
    assert short.content == "Nine o'clock it opens. Ten it is full."


def test_more_is_looked_for_where_a_model_puts_it_in_order() -> None:
    assert candidates_for(RetrievalOptions(top_k=4, rerank_by_model=True)) == PASSAGES_AT_MOST


def test_what_a_model_is_to_shorten_is_given_in_full_and_best_first() -> None:
    long = " ".join(f"The canteen serves dish {number} on weekdays." for number in range(20))
    hits = [hit(f"{name} {long[place:]}", score=1 - place / 10) for place, name in enumerate("123")]
    context = read(hits[:1], compress=True, compress_by_model=True, order="edges")
    assert context.read == (hits[0],)


def test_of_shortened_passages_those_that_fit_stand_in_the_order_of_the_workspace() -> None:
    hits = [hit(name) for name in ("first", "second", "third", "fourth")]
    short = [one.model_copy(update={"content": f"{one.content} leave"}) for one in hits]
    options = RetrievalOptions(order="edges", compress_by_model=True)
    context = shrunk(Context(tuple(hits), tuple(hits)), short, options, budget_tokens=9)
    assert texts(context) == ["first leave", "third leave", "second leave"]
    assert [one.content for one in context.hits] == ["first", "third", "second"]


def test_without_a_model_that_writes_nothing_is_left_to_one() -> None:
    wanted = RetrievalOptions(
        query_variants=2, route_by_model=True, rerank_by_model=True, compress_by_model=True, compress=True
    )
    assert wanted.by_rules() == RetrievalOptions(rewrite="rules", compress=True)
    assert RetrievalOptions(rewrite="off").by_rules().rewrite == "off"
