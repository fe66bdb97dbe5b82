"""Choosing the passages of a prompt."""

from kosha.model.chunk import Hit
from kosha.retrieval.context import choose


def hit(content: str, complement: str | None = None) -> Hit:
    return Hit(
        chunk_id=content, document_id="d", document_type="text", title="", path="", content=content,
        content_complement=complement,
    )  # fmt: skip


def chosen(hits: list[Hit], *, budget_tokens: int = 100, top_k: int = 8) -> list[str]:
    words = choose(hits, budget_tokens=budget_tokens, top_k=top_k, tokens=lambda text: len(text.split()))
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
