"""Bedrock's Converse over a real connection: frames with checksums, refusals, throttling, giving up."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.served.answers import Refusal
from tests.served.bedrock import STREAM_HEAD, BedrockRuntime, error
from tests.served.endpoint import LAST_CHUNK, chunk, served
from tests.served.event_stream import event, exception
from tests.unit.adapters.models.providers import (
    INFO,
    PROMPT,
    all_of,
    gives_up_after_the_first_word,
    gives_up_before_the_first_word,
    reasons,
    text,
)

from kosha.adapters.models.bedrock_chat import BedrockChatModel
from kosha.adapters.models.cuttable import runtime_client
from kosha.errors import ModelUnavailable, Rejected, TooLarge
from kosha.model.chunk import Hit
from kosha.model.prompt import ModelKwargs, Usage, Utterance

WORDS = ["Leave ", "is ", "25 ", "days ", "🙂", "."]
MODEL_ID = "amazon.nova-lite-v1:0"
START = event("messageStart", {"role": "assistant"})
END = event("messageStop", {"stopReason": "end_turn"})


def delta(words: str) -> bytes:
    return event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": words}})


@pytest.fixture
async def bedrock(credentials: None) -> AsyncIterator[BedrockRuntime]:
    async with served(BedrockRuntime(answer=lambda _: iter(WORDS))) as bedrock:
        yield bedrock


@pytest.fixture
def client(bedrock: BedrockRuntime) -> Any:
    return runtime_client("bedrock-runtime", endpoint_url=bedrock.origin)


@pytest.fixture
def model(client: Any, threads: ThreadPoolExecutor) -> BedrockChatModel:
    return BedrockChatModel(INFO, client, threads, model_id=MODEL_ID)


async def test_a_stream_gives_text_the_reason_it_ended_and_what_it_cost(model: BedrockChatModel) -> None:
    pieces = await all_of(model)
    assert text(pieces) == "Leave is 25 days 🙂."
    assert len([piece for piece in pieces if piece.text]) == len(WORDS)
    assert reasons(pieces) == ["end"]
    assert [piece.usage for piece in pieces if piece.usage] == [Usage(input_tokens=7, output_tokens=5)]


async def test_an_answer_that_reaches_its_limit_says_so(model: BedrockChatModel) -> None:
    pieces = await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(max_tokens=3)}))
    assert (text(pieces), reasons(pieces)) == ("Leave is 25 ", ["length"])


async def test_an_answer_can_come_in_one_piece(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    pieces = await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(streaming=False)}))
    assert [(piece.text, piece.stop_reason) for piece in pieces] == [("Leave is 25 days 🙂.", "end")]
    assert pieces[0].usage == Usage(input_tokens=7, output_tokens=5)
    assert bedrock.requests[0].path.endswith("/converse")


async def test_what_bedrock_is_asked_is_the_prompt_in_its_own_words(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    hit = Hit(chunk_id="1", document_id="1", document_type="file", title="Leave", path="leave.md", content="25 days.")
    history = (
        Utterance(role="assistant", content="(the end of something older)"),
        Utterance(role="user", content="Hello"),
        Utterance(role="assistant", content="Hello to you"),
    )
    await all_of(model, PROMPT.model_copy(update={"history": history, "passages": (hit,)}))
    [request] = bedrock.requests
    assert request.path == "/model/amazon.nova-lite-v1%3A0/converse-stream"
    assert request.body["system"] == [{"text": "Be brief."}]
    assert [message["role"] for message in request.body["messages"]] == ["user", "assistant", "user"]
    question = request.body["messages"][-1]["content"][0]["text"]
    assert question == '<passage number="1" title="Leave">\n25 days.\n</passage>\n\nQuestion: How much leave?'
    assert request.body["inferenceConfig"] == {"maxTokens": 512, "temperature": 0.1, "topP": 1.0}


@pytest.mark.parametrize(
    ("sampling", "kwargs", "told"),
    [
        ("one", ModelKwargs(temperature=0.3), {"temperature": 0.3}),
        ("one", ModelKwargs(temperature=0.3, top_p=0.9), {"topP": 0.9}),
        ("none", ModelKwargs(temperature=0.3, top_p=0.9), {}),
    ],
)
async def test_a_model_that_refuses_both_ways_of_sampling_is_told_what_it_takes(
    client: Any, threads: ThreadPoolExecutor, bedrock: BedrockRuntime, sampling: Any, kwargs: ModelKwargs, told: Any
) -> None:
    claude = "anthropic.claude-haiku-4-5-20251001-v1:0"
    model = BedrockChatModel(INFO, client, threads, model_id=claude, sampling=sampling)
    assert text(await all_of(model, PROMPT.model_copy(update={"kwargs": kwargs}))) == "Leave is 25 days 🙂."
    assert bedrock.requests[0].body["inferenceConfig"] == {"maxTokens": 512, **told}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("end_turn", "end"),
        ("stop_sequence", "end"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("guardrail_intervened", "refused"),
        ("content_filtered", "refused"),
    ],
)
async def test_every_reason_to_stop_has_our_word(
    model: BedrockChatModel, bedrock: BedrockRuntime, told: str, meant: str
) -> None:
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("x") + event("messageStop", {"stopReason": told})) + LAST_CHUNK)
    assert reasons(await all_of(model)) == [meant]


async def test_thinking_is_not_told_as_the_answer(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    thought = event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}})
    answer = event("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "25"}})
    bedrock.will_send(STREAM_HEAD + chunk(START + thought + answer + END) + LAST_CHUNK)
    pieces = await all_of(model)
    assert text(pieces) == "25"
    assert pieces[1].text == ""  # a sign of life


async def test_a_model_is_never_asked_for_more_than_it_can(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    await all_of(model, PROMPT.model_copy(update={"kwargs": ModelKwargs(max_tokens=30_000, temperature=1.7)}))
    assert bedrock.requests[0].body["inferenceConfig"] == {"maxTokens": 2048, "temperature": 1.0, "topP": 1.0}


async def test_a_guardrail_is_named_in_the_question(
    client: Any, threads: ThreadPoolExecutor, bedrock: BedrockRuntime
) -> None:
    guardrail = {"guardrailIdentifier": "g1", "guardrailVersion": "2"}
    await all_of(BedrockChatModel(INFO, client, threads, model_id=MODEL_ID, guardrail=guardrail))
    assert bedrock.requests[0].body["guardrailConfig"] == guardrail


async def test_throttling_before_the_first_word_is_tried_again(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    bedrock.will_send(error(Refusal("ThrottlingException", "Too many requests", 429, "0")))
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("25") + END) + LAST_CHUNK)
    assert text(await all_of(model)) == "25"
    assert len(bedrock.requests) == 2


async def test_throttling_that_goes_on_is_told_with_the_time_to_wait(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    bedrock.will_send(error(Refusal("ThrottlingException", "Too many requests", 429, "7")))
    with pytest.raises(ModelUnavailable, match=r"too much to do\. Try again in 7 s") as told:
        await all_of(model)
    assert told.value.retry_after_ms == 7000
    assert len(bedrock.requests) == 3


async def test_throttling_after_the_first_word_is_not_tried_again(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    busy = exception("throttlingException", "Too many tokens")
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("half") + busy) + LAST_CHUNK)
    with pytest.raises(ModelUnavailable, match="too much to do"):
        await all_of(model)
    assert len(bedrock.requests) == 1


@pytest.mark.parametrize(
    ("refusal", "kind", "words"),
    [
        (Refusal("ValidationException", "Bad topP"), Rejected, "did not take the question: Bad topP"),
        (Refusal("ValidationException", "Input is too long for requested model."), TooLarge, "too long"),
        (Refusal("ResourceNotFoundException", "This model is at its end", 404), Rejected, "at its end"),
        (Refusal("AccessDeniedException", "You don't have access", 403), ModelUnavailable, "administrator"),
        (Refusal("UnrecognizedClientException", "The token is invalid", 403), ModelUnavailable, "administrator"),
        (Refusal("ModelErrorException", "Unexpected", 424), ModelUnavailable, "failed"),
    ],
)
async def test_a_refusal_is_told_for_what_it_is(
    model: BedrockChatModel, bedrock: BedrockRuntime, refusal: Refusal, kind: type[Exception], words: str
) -> None:
    bedrock.will_send(error(refusal))
    with pytest.raises(kind, match=words) as told:
        await all_of(model)
    assert type(told.value) is kind


async def test_a_server_that_fails_is_asked_again_and_then_unavailable(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    bedrock.will_send(error(Refusal("InternalServerException", "Sorry", 500)))
    with pytest.raises(ModelUnavailable, match="failed"):
        await all_of(model)
    assert len(bedrock.requests) == 3


@pytest.mark.parametrize(
    "pieces",
    [
        [STREAM_HEAD + chunk(START + delta("half"))],
        [STREAM_HEAD + chunk(START + delta("half")) + LAST_CHUNK],
        [STREAM_HEAD + chunk(START + delta("half")[:-9]) + LAST_CHUNK],
        [STREAM_HEAD + chunk(START + delta("half"))[:-9]],
        [STREAM_HEAD + chunk(START + delta("half") + delta("wrong")[:-4] + b"\0\0\0\0") + LAST_CHUNK],
        [STREAM_HEAD + chunk(START + delta("half") + exception("modelStreamErrorException", "x")) + LAST_CHUNK],
    ],
    ids=["connection closed", "reply ended", "inside a frame", "inside a chunk", "wrong checksum", "exception"],
)
async def test_an_answer_that_breaks_off_is_unavailable(
    model: BedrockChatModel, bedrock: BedrockRuntime, pieces: list[bytes]
) -> None:
    bedrock.will_send(*pieces)
    with pytest.raises(ModelUnavailable):
        await all_of(model)
    assert len(bedrock.requests) == 1


async def test_a_stream_may_be_cut_at_any_byte(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    answer = START + delta("25 🙂") + END
    for place in range(1, len(answer), 7):
        bedrock.replies.clear()
        bedrock.will_send(STREAM_HEAD, chunk(answer[:place]), chunk(answer[place:]) + LAST_CHUNK)
        assert text(await all_of(model)) == "25 🙂"


async def test_a_server_that_is_not_there_is_unavailable(credentials: None, threads: ThreadPoolExecutor) -> None:
    async with served(BedrockRuntime()) as gone:
        origin = gone.origin
    client = runtime_client("bedrock-runtime", endpoint_url=origin)
    with pytest.raises(ModelUnavailable, match="does not answer"):
        await all_of(BedrockChatModel(INFO, client, threads, model_id=MODEL_ID))


async def test_a_provider_that_is_silent_too_long_is_unavailable(
    bedrock: BedrockRuntime, threads: ThreadPoolExecutor
) -> None:
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("half")), asyncio.Event())
    client = runtime_client("bedrock-runtime", endpoint_url=bedrock.origin, silent_seconds=0.2)
    with pytest.raises(ModelUnavailable, match="took too long"):
        await all_of(BedrockChatModel(INFO, client, threads, model_id=MODEL_ID))


async def test_giving_up_closes_the_connection_of_a_silent_provider_within_a_second(
    model: BedrockChatModel, bedrock: BedrockRuntime
) -> None:
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("half")), asyncio.Event())
    await gives_up_after_the_first_word(model, bedrock)


async def test_giving_up_before_the_first_word_closes_it_too(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    bedrock.will_send(asyncio.Event())
    await gives_up_before_the_first_word(model, bedrock)
    assert len(bedrock.requests) == 1


async def test_giving_up_one_answer_leaves_the_others_alone(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    silence = asyncio.Event()
    bedrock.will_send(STREAM_HEAD + chunk(START + delta("half")), silence, chunk(END) + LAST_CHUNK)
    staying, going = model.stream(PROMPT), model.stream(PROMPT)
    for pieces in (staying, going):
        while not (await anext(pieces)).text:
            pass
    await going.aclose()
    silence.set()
    assert reasons([piece async for piece in staying]) == ["end"]


async def test_connections_are_used_again(model: BedrockChatModel, bedrock: BedrockRuntime) -> None:
    for _ in range(3):
        await all_of(model)
    assert (len(bedrock.requests), bedrock.connections) == (3, 1)


async def test_many_answers_at_once_come_each_whole(client: Any, bedrock: BedrockRuntime) -> None:
    with ThreadPoolExecutor(16) as threads:
        model = BedrockChatModel(INFO, client, threads, model_id=MODEL_ID)
        answers = await asyncio.gather(*(all_of(model) for _ in range(16)))
    assert {text(answer) for answer in answers} == {"Leave is 25 days 🙂."}


def test_importing_the_adapter_does_not_import_langchain() -> None:
    import subprocess
    import sys

    code = (
        "import sys, kosha.adapters.models.bedrock_chat; "
        "sys.exit([name for name in sys.modules if name.startswith('lang')] != [])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)}).returncode
        == 0
    )
