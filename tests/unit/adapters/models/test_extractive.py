"""The built-in answerer: quotes with citations, no repetition, and an honest word where nothing fits."""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest

from kosha.adapters.models.extractive import NO_PASSAGES, NOTHING_SAID, ExtractiveChatModel
from kosha.model.chunk import Hit
from kosha.model.prompt import ModelKwargs, Piece, Prompt
from kosha.ports import Kind, Vectors
from kosha.sentences import sentences

LEAVE = (
    "The canteen opens at noon. Everybody has 25 days of annual leave in a calendar year. "
    "Annual leave that is not taken lapses on 31 March. Dogs must be on a lead."
)


class WordEmbedder:
    """A word a dimension: texts are as near as their words."""

    provider = "test"
    name = "words"
    dimensions = 4096
    window_tokens = 256

    def embed(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, crc32(word.encode()) % self.dimensions] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)

    def tokens(self, text: str) -> int:
        return len(text.split())


def passage(content: str, **fields: object) -> Hit:
    plain = {"chunk_id": "c", "document_id": "d", "document_type": "text", "title": "t", "path": "p"}
    return Hit.model_validate({**plain, "content": content, **fields})


def prompt(question: str, *contents: str, **kwargs: int) -> Prompt:
    passages = tuple(passage(content) for content in contents)
    return Prompt(system="", question=question, passages=passages, kwargs=ModelKwargs.model_validate(kwargs))


@pytest.fixture(params=["with an embedder", "by words alone"])
def model(request: pytest.FixtureRequest) -> ExtractiveChatModel:
    embedder = WordEmbedder() if request.param == "with an embedder" else None
    return ExtractiveChatModel(lambda: embedder, sentences)


async def pieces_of(model: ExtractiveChatModel, prompt: Prompt) -> list[Piece]:
    return [piece async for piece in model.stream(prompt)]


async def answer(model: ExtractiveChatModel, prompt: Prompt) -> str:
    return "".join(piece.text for piece in await pieces_of(model, prompt))


def quoted(text: str) -> list[tuple[str, int]]:
    """(sentence, marker) of each; fails where a sentence has none."""
    found = re.findall(r"(.+?) \[(\d+)\](?: |$)", text)
    assert " ".join(f"{sentence} [{marker}]" for sentence, marker in found) == text
    return [(sentence, int(marker)) for sentence, marker in found]


async def test_every_sentence_is_a_quote_with_the_number_of_its_passage(model: ExtractiveChatModel) -> None:
    passages = ("The office is in Delft. The office opens at nine on weekdays.", LEAVE)
    said = quoted(await answer(model, prompt("How many days of annual leave in a year?", *passages)))
    assert said[0] == ("Everybody has 25 days of annual leave in a calendar year.", 2)
    for sentence, marker in said:
        assert sentence in passages[marker - 1]


async def test_what_two_passages_say_alike_is_said_once(model: ExtractiveChatModel) -> None:
    said = quoted(await answer(model, prompt("How many days of annual leave in a calendar year?", LEAVE, LEAVE)))
    assert len({sentence for sentence, _ in said}) == len(said)


async def test_with_an_embedder_the_same_in_other_words_is_said_once() -> None:
    model = ExtractiveChatModel(WordEmbedder, sentences)
    twice = ("Everybody has 25 days of annual leave a year.", "Everybody has 25 days of annual leave a year!")
    assert len(quoted(await answer(model, prompt("How many days of annual leave a year?", *twice)))) == 1


async def test_where_no_sentence_fits_it_says_so(model: ExtractiveChatModel) -> None:
    pieces = await pieces_of(model, prompt("Which rocket flew to Mars?", LEAVE))
    assert "".join(piece.text for piece in pieces) == NOTHING_SAID
    assert pieces[-1].stop_reason == "refused"


async def test_without_documents_it_says_what_it_can_do(model: ExtractiveChatModel) -> None:
    assert await answer(model, prompt("Hello")) == NO_PASSAGES


async def test_a_token_limit_is_kept_and_told(model: ExtractiveChatModel) -> None:
    pieces = await pieces_of(model, prompt("How many days of annual leave?", LEAVE, max_tokens=3))
    assert len([piece for piece in pieces if piece.text]) == 3
    assert pieces[-1].stop_reason == "length"


async def test_the_answer_of_a_question_and_answer_pair_is_given_as_it_is(model: ExtractiveChatModel) -> None:
    pair = passage("Who repairs it?", document_type="qna", content_complement="Room 0.17,\nsee [3].")
    assert await answer(model, Prompt(system="", question="Who repairs it?", passages=(pair,))) == (
        "Room 0.17,\nsee (3). [1]"
    )


async def test_a_documents_own_brackets_are_no_markers(model: ExtractiveChatModel) -> None:
    said = await answer(model, prompt("How many days of annual leave?", "Annual leave is 25 days, see [9] for more."))
    assert said == "Annual leave is 25 days, see (9) for more. [1]"


async def test_it_streams_a_few_words_at_a_time_and_counts_them(model: ExtractiveChatModel) -> None:
    pieces = await pieces_of(model, prompt("How many days of annual leave?", LEAVE))
    texts = [piece.text for piece in pieces if piece.text]
    assert len(texts) > 5
    assert all(len(text.split()) == 1 for text in texts)
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.output_tokens == len("".join(texts)) // 4


@pytest.mark.parametrize("heading", ["Many days of annual leave", "3 Many days of annual leave (HR)"])
async def test_a_heading_is_not_quoted_beside_what_stands_below_it(model: ExtractiveChatModel, heading: str) -> None:
    text = await answer(model, prompt("How many days of annual leave?", f"{heading}\n\n{LEAVE}"))
    assert "25 days of annual leave" in text
    assert "Many days" not in text


async def test_a_line_of_a_list_is_quoted_where_no_sentence_fits(model: ExtractiveChatModel) -> None:
    text = await answer(
        model, prompt("Who wears sunglasses in summer?", "- Wear sunglasses in summer\n- Drink much water")
    )
    assert text.startswith("Wear sunglasses in summer [1]")


@pytest.mark.parametrize("number", ["4) ", "(4) ", "12. "])
async def test_the_number_of_a_list_is_not_quoted_with_what_it_numbers(model: ExtractiveChatModel, number: str) -> None:
    text = await answer(model, prompt("How many days of annual leave?", f"{number}Annual leave is 25 days."))
    assert quoted(text) == [("Annual leave is 25 days.", 1)]
