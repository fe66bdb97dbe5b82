"""OpenAI and Azure through LangChain over a real connection: streams, refusals, throttling, giving up."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import pytest
from tests.served.answers import Refusal
from tests.served.endpoint import DONE, LAST_CHUNK, STREAM_HEAD, chunk, delta, event, served, usage, whole
from tests.served.openai import OpenAi, error
from tests.unit.adapters.models.providers import (
    INFO,
    PROMPT,
    all_of,
    gives_up_after_the_first_word,
    gives_up_before_the_first_word,
    reasons,
    text,
)

from kosha.adapters.models.azure_chat import AzureAccess, azure_chat_model
from kosha.adapters.models.openai_chat import FILTERED, LangChainChatModel, OpenAiAccess, openai_chat_model
from kosha.errors import ModelUnavailable, Rejected
from kosha.model.chunk import Hit
from kosha.model.prompt import ModelKwargs, Usage, Utterance

WORDS = ["Leave ", "is ", "25 ", "days ", "🙂", "."]
ANSWER = delta("Leave is ") + delta("25 days 🙂.") + delta(finish_reason="stop") + usage(7, 5) + DONE
Make = Callable[[OpenAi], LangChainChatModel]


def of_openai(openai: OpenAi) -> LangChainChatModel:
    return openai_chat_model(INFO, OpenAiAccess("secret", openai.url), model_id="mini")


def of_azure(openai: OpenAi) -> LangChainChatModel:
    return azure_chat_model(INFO, AzureAccess(openai.origin, "secret", {"mini": "my-mini"}), model_id="mini")


@pytest.fixture
async def openai() -> AsyncIterator[OpenAi]:
    async with served(OpenAi(answer=lambda _: iter(WORDS))) as openai:
        yield openai


@pytest.fixture(params=[of_openai, of_azure], ids=["openai", "azure"])
async def model(request: pytest.FixtureRequest, openai: OpenAi) -> AsyncIterator[LangChainChatModel]:
    model = request.param(openai)
    yield model
    await model.close()


async def test_a_stream_gives_text_the_reason_it_ended_and_what_it_cost(model: LangChainChatModel) -> None:
    pieces = await all_of(model)
    assert text(pieces) == "Leave is 25 days 🙂."
    assert reasons(pieces) == ["end"]
    assert [piece.usage for piece in pieces if piece.usage] == [Usage(input_tokens=7, output_tokens=5)]


async def test_an_answer_that_reaches_its_limit_says_so(model: LangChainChatModel) -> None:
    pieces = await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(max_tokens=3)}))
    assert (text(pieces), reasons(pieces)) == ("Leave is 25 ", ["length"])


async def test_an_answer_can_come_in_one_piece(model: LangChainChatModel) -> None:
    pieces = await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(streaming=False)}))
    assert [(piece.text, piece.stop_reason) for piece in pieces] == [("Leave is 25 days 🙂.", "end")]
    assert pieces[0].usage == Usage(input_tokens=7, output_tokens=5)


async def test_what_the_server_is_asked_is_the_prompt_in_its_own_words(
    model: LangChainChatModel, openai: OpenAi
) -> None:
    hit = Hit(chunk_id="1", document_id="1", document_type="file", title="Leave", path="leave.md", content="25 days.")
    history = (Utterance(role="user", content="Hello"), Utterance(role="assistant", content="Hello to you"))
    await all_of(model, PROMPT.model_copy(update={"history": history, "passages": (hit,)}))
    [request] = openai.requests
    question = '<passage number="1" title="Leave">\n25 days.\n</passage>\n\nQuestion: How much leave?'
    assert [(message["role"], message["content"]) for message in request.body["messages"]] == [
        ("system", "Be brief."),
        ("user", "Hello"),
        ("assistant", "Hello to you"),
        ("user", question),
    ]
    assert (request.body["temperature"], request.body["top_p"]) == (0.1, 1.0)
    assert (request.body["stream"], request.body["stream_options"]) == (True, {"include_usage": True})


async def test_openai_and_azure_are_each_asked_at_their_own_address(openai: OpenAi) -> None:
    for make in (of_openai, of_azure):
        model = make(openai)
        await all_of(model)
        await model.close()
    first, second = openai.requests
    assert (first.path, first.headers["authorization"]) == ("/v1/chat/completions", "Bearer secret")
    assert first.body["max_tokens"] == 512  # the name that every compatible server knows
    path = "/openai/deployments/my-mini/chat/completions?api-version=2024-10-21"
    assert (second.path, second.headers["api-key"]) == (path, "secret")


async def test_the_first_chunk_of_azure_has_no_choices(model: LangChainChatModel, openai: OpenAi) -> None:
    filters = {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
    openai.will_send(STREAM_HEAD + chunk(event(filters) + ANSWER) + LAST_CHUNK)
    assert text(await all_of(model)) == "Leave is 25 days 🙂."


async def test_a_stream_may_be_cut_at_any_byte(model: LangChainChatModel, openai: OpenAi) -> None:
    for place in range(1, len(ANSWER), 29):
        openai.replies.clear()
        openai.will_send(STREAM_HEAD, chunk(ANSWER[:place]), chunk(ANSWER[place:]) + LAST_CHUNK)
        assert text(await all_of(model)) == "Leave is 25 days 🙂."


async def test_an_answer_that_the_filter_stops_is_refused(model: LangChainChatModel, openai: OpenAi) -> None:
    openai.will_send(STREAM_HEAD + chunk(delta("half") + delta(finish_reason="content_filter") + DONE) + LAST_CHUNK)
    assert reasons(await all_of(model)) == ["refused"]


async def test_a_question_that_the_filter_stops_is_refused_with_words(
    model: LangChainChatModel, openai: OpenAi
) -> None:
    openai.will_send(error(Refusal("content_filter", "The response was filtered due to the prompt")))
    pieces = await all_of(model)
    assert (text(pieces), reasons(pieces)) == (FILTERED, ["refused"])


async def test_throttling_before_the_first_word_is_tried_again(model: LangChainChatModel, openai: OpenAi) -> None:
    openai.will_send(error(Refusal("rate_limit_exceeded", "Slow down", 429, "0.01")))
    openai.will_send(STREAM_HEAD + chunk(ANSWER) + LAST_CHUNK)
    assert text(await all_of(model)) == "Leave is 25 days 🙂."
    assert len(openai.requests) == 2


async def test_throttling_that_goes_on_is_told_with_the_time_to_wait(model: LangChainChatModel, openai: OpenAi) -> None:
    openai.will_send(error(Refusal("rate_limit_exceeded", "Slow down", 429, "0.02")))
    with pytest.raises(ModelUnavailable, match="too much to do") as told:
        await all_of(model)
    assert told.value.retry_after_ms == 20
    assert len(openai.requests) == 3


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal("invalid_api_key", "Incorrect API key", 401), ModelUnavailable, "OPENAI_API_KEY"),
        (Refusal("model_not_found", "No such model", 404), Rejected, "No such model"),
        (Refusal("context_length_exceeded", "Too long", 400), Rejected, "Too long"),
        (Refusal("server_error", "Sorry", 500), ModelUnavailable, "failed"),
    ],
)
async def test_a_refusal_is_told_for_what_it_is(
    model: LangChainChatModel, openai: OpenAi, refusal: Refusal, kind: type[Exception], words: str
) -> None:
    openai.will_send(error(refusal))
    with pytest.raises(kind, match=words):
        await all_of(model)


@pytest.mark.parametrize(
    "pieces",
    [
        [STREAM_HEAD + chunk(delta("half"))],
        [STREAM_HEAD + chunk(delta("half")) + LAST_CHUNK],
        [STREAM_HEAD + chunk(delta("half"))[:-9]],
        [STREAM_HEAD + chunk(delta("half") + event({"error": {"message": "out of memory"}})) + LAST_CHUNK],
    ],
    ids=["connection closed", "reply ended", "inside a chunk", "error in the stream"],
)
async def test_an_answer_that_breaks_off_is_unavailable_and_not_tried_again(
    model: LangChainChatModel, openai: OpenAi, pieces: list[bytes]
) -> None:
    openai.will_send(*pieces)
    with pytest.raises(ModelUnavailable, match=r"broke off|in the middle of its answer"):
        await all_of(model)
    assert len(openai.requests) == 1


async def test_an_answer_whose_connection_breaks_after_its_end_is_whole(
    model: LangChainChatModel, openai: OpenAi
) -> None:
    openai.will_send(STREAM_HEAD + chunk(delta("25 days.") + delta(finish_reason="stop")))
    assert text(await all_of(model)) == "25 days."


@pytest.mark.parametrize("nonsense", [b"{not json", b'"text"', b"null", b"[1]"])
async def test_what_is_no_answer_is_unavailable(model: LangChainChatModel, openai: OpenAi, nonsense: bytes) -> None:
    openai.will_send(STREAM_HEAD + chunk(event(nonsense)) + LAST_CHUNK)
    with pytest.raises(ModelUnavailable):
        await all_of(model)


@pytest.mark.parametrize("nonsense", [b"{not json", b"{}", json.dumps({"choices": None}).encode()])
async def test_what_is_no_whole_answer_is_unavailable(
    model: LangChainChatModel, openai: OpenAi, nonsense: bytes
) -> None:
    openai.will_send(whole("200 OK", nonsense))
    with pytest.raises(ModelUnavailable):
        await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(streaming=False)}))


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with served(OpenAi()) as gone:
        model = of_openai(gone)
    with pytest.raises(ModelUnavailable, match="does not answer"):
        await all_of(model)
    await model.close()


async def test_giving_up_closes_the_connection_of_a_silent_provider_within_a_second(
    model: LangChainChatModel, openai: OpenAi
) -> None:
    openai.will_send(STREAM_HEAD + chunk(delta("half")), asyncio.Event())
    await gives_up_after_the_first_word(model, openai)


async def test_giving_up_before_the_first_word_closes_it_too(model: LangChainChatModel, openai: OpenAi) -> None:
    openai.will_send(asyncio.Event())
    await gives_up_before_the_first_word(model, openai)


async def test_connections_are_used_again(model: LangChainChatModel, openai: OpenAi) -> None:
    for _ in range(3):
        await all_of(model)
    assert (len(openai.requests), openai.connections) == (3, 1)


def test_one_model_serves_one_event_loop_after_another() -> None:
    """As a function on Lambda that runs each question in a loop of its own."""
    model: LangChainChatModel | None = None

    async def ask() -> str:
        nonlocal model
        async with served(OpenAi(answer=lambda _: iter(WORDS))) as openai:
            model = model or of_openai(openai)
            said = text(await all_of(model)) if model else ""
            await model.close()
            return said

    assert asyncio.run(ask()) == "Leave is 25 days 🙂."


def test_importing_the_adapters_does_not_import_langchain() -> None:
    code = (
        "import sys, kosha.adapters.models.openai_chat, kosha.adapters.models.azure_chat;"
        "sys.exit(any(name.startswith(('langchain', 'openai', 'httpx')) for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.returncode == 0
