"""answer(): one accepted question to its one end, whatever the provider, the documents and the process do."""

import asyncio
from typing import Literal
from uuid import uuid4

import pytest
from tests.unit.chat.house import ChatHouse, disk_full, end_of, frames_of, silence, until, values

from kosha.chat import prompts
from kosha.chat.answer import CLAIMS_AT_MOST, answer
from kosha.errors import LostLease, ModelUnavailable, Rejected, Unavailable
from kosha.model.prompt import Piece, Usage
from kosha.model.user import Caller, User
from kosha.ports import Limits

LEAVE = "Leave is 25 days a year."


def cited_question(chat: ChatHouse) -> dict[str, str]:
    """A workspace that answers the question, as a field of `asked`."""
    workspace = chat.has_workspace()
    chat.has_document(workspace, LEAVE)
    return {"workspace_id": workspace.id}


async def test_the_final_content_is_the_tokens_joined_with_citations_that_resolve(chat: ChatHouse) -> None:
    chat.model.will_say("You have", " 25 days [", "1", "], not [7].")
    frames = await chat.answers(chat.asked(**cited_question(chat)))
    final = end_of(frames)
    assert [frame["action"] for frame in frames][:2] == ["thinking_step", "llm_new_token"]
    assert final["content"] == "".join(values(frames)) == "You have 25 days [1], not ."
    [citation] = final["metadata"]["citations"]
    [passage] = final["metadata"]["documents"]
    assert (citation["marker"], citation["chunkId"], citation["quote"]) == (1, passage["chunkId"], LEAVE)
    assert final["stopReason"] == "end"


async def test_question_and_answer_are_kept_in_the_session(chat: ChatHouse) -> None:
    ask = chat.asked(**cited_question(chat))
    final = end_of(await chat.answers(ask))
    question, kept = chat.sessions.messages(ask.user_id, ask.session_id)
    assert (question.id, question.content) == (ask.message_id, ask.text)
    assert (kept.id, kept.parent_id, kept.content) == (final["answerId"], ask.message_id, final["content"])
    assert kept.metadata["citations"] == final["metadata"]["citations"]
    assert kept.metadata["stopReason"] == "end"


async def test_a_question_that_has_been_answered_is_not_answered_again(chat: ChatHouse) -> None:
    ask = chat.asked()
    await chat.answers(ask)
    assert await chat.answers(ask) == []
    assert len(chat.model.prompts) == 1


async def test_where_nothing_is_found_the_model_is_not_asked_and_the_answer_says_so(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, LEAVE)
    final = end_of(await chat.answers(chat.asked("Zygote xylophone?", workspace_id=workspace.id)))
    assert (final["content"], final["stopReason"]) == (prompts.NOTHING_FOUND, "refused")
    assert final["metadata"]["citations"] == []
    assert chat.model.prompts == []


async def test_an_empty_workspace_says_that_it_is_empty(chat: ChatHouse) -> None:
    final = end_of(await chat.answers(chat.asked(workspace_id=chat.has_workspace().id)))
    assert (final["content"], final["stopReason"]) == (prompts.EMPTY_WORKSPACE, "refused")


async def test_a_workspace_may_converse_where_nothing_is_found(chat: ChatHouse) -> None:
    workspace = chat.has_workspace(empty_retrieval="converse")
    chat.model.will_say("Hello, see a[1].")
    final = end_of(await chat.answers(chat.asked("Zygote?", workspace_id=workspace.id)))
    assert (final["content"], final["stopReason"]) == ("Hello, see a[1].", "end")
    assert chat.model.prompts[0].system == prompts.PLAIN


async def test_without_a_workspace_it_is_plain_conversation(chat: ChatHouse) -> None:
    chat.model.will_say("Good morning.")
    frames = await chat.answers(chat.asked("Hello"))
    assert [frame["action"] for frame in frames] == ["llm_new_token", "final_response"]
    assert chat.model.prompts[0].passages == ()
    assert "workspaceId" not in end_of(frames)["metadata"]


async def test_of_a_question_and_answer_pair_the_answer_is_given_and_quoted(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, "Who repairs the printer?", complement="The facility team in room 0.17.")
    chat.model.will_say("Room 0.17 [1].")
    final = end_of(await chat.answers(chat.asked("Who repairs the printer?", workspace_id=workspace.id)))
    assert final["metadata"]["citations"][0]["quote"] == "The facility team in room 0.17."
    assert chat.model.prompts[0].passages[0].answerable == "The facility team in room 0.17."


async def test_the_model_is_told_what_was_said_before(chat: ChatHouse) -> None:
    first = chat.asked("My name is Ada.")
    chat.model.will_say("Hello Ada.")
    await chat.answers(first)
    await chat.answers(chat.asked("Who am I?", session_id=first.session_id))
    said = [(one.role, one.content) for one in chat.model.prompts[1].history]
    assert said == [("user", "My name is Ada."), ("assistant", "Hello Ada.")]
    assert chat.model.prompts[1].question == "Who am I?"


async def test_another_answer_is_a_second_version_and_does_not_see_the_first(chat: ChatHouse) -> None:
    first = chat.asked()
    chat.model.will_say("One.")
    await chat.answers(first)
    chat.model.will_say("Two.")
    again = chat.asked("ignored", session_id=first.session_id, regenerate_of=first.message_id)
    await chat.answers(again)
    messages = chat.sessions.messages(first.user_id, first.session_id)
    assert [(message.content, message.version) for message in messages] == [(first.text, 1), ("One.", 1), ("Two.", 2)]
    assert chat.model.prompts[1].question == first.text
    assert chat.model.prompts[1].history == ()


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (ModelUnavailable("Busy. Try again in 7 s.", 7000), "model_unavailable", True),
        (Rejected("Too many tokens."), "bad_request", False),
    ],
)
async def test_what_a_provider_refuses_is_told_in_its_words(
    chat: ChatHouse, error: Exception, code: str, retryable: bool
) -> None:
    chat.model.will_say("half an ", error)
    ask = chat.asked()
    frames = await chat.answers(ask)
    told = end_of(frames)
    assert (told["code"], told["content"], told["retryable"]) == (code, str(error), retryable)
    assert told.get("retryAfterMs") == getattr(error, "retry_after_ms", None)
    assert values(frames) == ["half an "]
    kept = chat.turns.get(ask.key).end
    assert kept is not None
    assert kept.error is not None
    assert len(chat.sessions.messages(ask.user_id, ask.session_id)) == 1


@pytest.mark.parametrize(("reason", "words"), [("end", "empty answer"), ("length", "used up its 512 tokens")])
async def test_an_answer_without_a_word_is_an_error(
    chat: ChatHouse, reason: Literal["end", "length"], words: str
) -> None:
    chat.model.will_say(Piece(stop_reason=reason))
    told = end_of(await chat.answers(chat.asked()))
    assert told["code"] == "model_unavailable"
    assert words in told["content"]


async def test_a_bug_of_ours_ends_the_turn_at_once_and_flies(chat: ChatHouse) -> None:
    chat.model.will_say("half", ZeroDivisionError())
    ask = chat.asked()
    feed = chat.feeds.open(ask.key)
    with pytest.raises(ZeroDivisionError):
        await answer(ask.key, chat)
    told = end_of(frames_of(feed))
    assert (told["code"], told["retryable"]) == ("internal", True)
    assert ask.message_id in told["content"]
    assert chat.turns.get(ask.key).status == "ended"


async def test_stop_keeps_what_was_said_and_closes_the_providers_stream(chat: ChatHouse) -> None:
    chat.model.will_say("Leave is ", "25", silence, " days")
    ask = chat.asked()
    feed = chat.feeds.open(ask.key)
    making = asyncio.create_task(answer(ask.key, chat))
    await until(lambda: "25" in "".join(values(frames_of(feed))))
    chat.turns.request_stop(ask.key)
    async with asyncio.timeout(1):
        await making
    final = end_of(frames_of(feed))
    assert (final["content"], final["stopReason"]) == ("Leave is 25", "stopped")
    assert chat.model.closed == 1
    assert final["metadata"]["usage"]["outputTokens"] == 3
    assert chat.sessions.messages(ask.user_id, ask.session_id)[-1].content == "Leave is 25"


async def test_a_silent_model_is_stopped_before_its_first_word(chat: ChatHouse) -> None:
    chat.model.will_say(silence)
    ask = chat.asked()
    feed = chat.feeds.open(ask.key)
    making = asyncio.create_task(answer(ask.key, chat))
    await until(lambda: chat.model.prompts)
    chat.turns.request_stop(ask.key)
    async with asyncio.timeout(1):
        await making
    final = end_of(frames_of(feed))
    assert (final["content"], final["stopReason"]) == ("", "stopped")
    assert chat.model.closed == 1


async def test_a_model_that_falls_silent_is_given_up(chat: ChatHouse) -> None:
    chat.limits = Limits(model_timeout_seconds=1)
    chat.model.will_say("half", silence)
    told = end_of(await chat.answers(chat.asked()))
    assert (told["code"], told["retryable"]) == ("model_unavailable", True)
    assert "said nothing for 1 seconds" in told["content"]
    assert chat.model.closed == 1


async def test_a_model_that_reasons_without_a_word_is_not_silent(chat: ChatHouse) -> None:
    chat.limits = Limits(model_timeout_seconds=1)

    async def thinks() -> None:
        await asyncio.sleep(0.4)

    chat.model.will_say(*([thinks, Piece()] * 4), "25 days.")
    assert end_of(await chat.answers(chat.asked()))["content"] == "25 days."


async def test_a_dead_workers_turn_is_answered_anew_with_numbers_that_go_on(chat: ChatHouse) -> None:
    ask = chat.asked()
    chat.model.will_say("The old ", silence)
    dying = asyncio.create_task(answer(ask.key, chat))
    await until(lambda: chat.kept_tokens(ask))
    chat.is_restarted()
    chat.model.will_say("The new ", "text.")
    final = end_of(await chat.answers(ask))
    kept = chat.kept_tokens(ask)
    assert [delta.sequence for delta in kept] == list(range(len(kept)))
    runs = list(dict.fromkeys(delta.run_id for delta in kept))
    assert len(runs) == 2
    assert final["content"] == "".join(delta.value for delta in kept if delta.run_id == runs[1]) == "The new text."
    with pytest.raises(LostLease):
        await dying
    assert chat.model.closed == 2
    assert len(chat.sessions.messages(ask.user_id, ask.session_id)) == 2


async def test_a_question_whose_answering_dies_again_and_again_is_given_up(chat: ChatHouse) -> None:
    ask = chat.asked()
    for _ in range(CLAIMS_AT_MOST):
        assert chat.turns.claim(ask.key) is not None
        chat.is_restarted()
    told = end_of(await chat.answers(ask))
    assert (told["code"], told["retryable"]) == ("internal", True)
    assert f"{CLAIMS_AT_MOST} times" in told["content"]
    assert chat.model.prompts == []


async def test_a_turn_that_somebody_living_holds_is_left_alone(chat: ChatHouse) -> None:
    ask = chat.asked()
    chat.turns.claim(ask.key)
    assert await chat.answers(ask) == []


async def test_a_grant_that_was_withdrawn_meanwhile_counts(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    chat.has_document(workspace, LEAVE)
    ben = Caller(user=User(id=str(uuid4()), name="ben"))
    chat.workspaces.set_grant(workspace.id, ben.user.id, "viewer")
    ask = chat.asked(by=ben, workspace_id=workspace.id)
    chat.workspaces.remove_grant(workspace.id, ben.user.id)
    told = end_of(await chat.answers(ask))
    assert (told["code"], told["retryable"]) == ("not_found", False)
    assert chat.model.prompts == []


async def test_who_follows_an_answer_whose_session_is_deleted_is_told(chat: ChatHouse) -> None:
    chat.model.will_say("half", silence)
    ask = chat.asked()
    feed = chat.feeds.open(ask.key)
    making = asyncio.create_task(answer(ask.key, chat))
    await until(lambda: values(frames_of(feed)))
    chat.sessions.remove(ask.user_id, ask.session_id)
    with pytest.raises(LostLease):
        await making
    assert end_of(frames_of(feed))["code"] == "not_found"
    assert chat.model.closed == 1


async def test_a_question_whose_session_is_deleted_before_it_is_taken_up_is_told(chat: ChatHouse) -> None:
    ask = chat.asked()
    chat.sessions.remove(ask.user_id, ask.session_id)
    assert end_of(await chat.answers(ask))["code"] == "not_found"


async def test_the_providers_count_is_kept_and_priced(chat: ChatHouse) -> None:
    chat.model.will_say("25 days.", Piece(usage=Usage(input_tokens=2_000_000, output_tokens=7)))
    usage = end_of(await chat.answers(chat.asked()))["metadata"]["usage"]
    assert (usage["inputTokens"], usage["outputTokens"]) == (2_000_000, 7)
    assert "costUsd" not in usage, "half a price is no price"


async def test_a_search_that_fails_is_told_and_not_answered_around(chat: ChatHouse) -> None:
    workspace = chat.has_workspace()
    ask = chat.asked(workspace_id=workspace.id)

    class Away:
        def rankings(self, *_: object, **__: object) -> None:
            raise Unavailable("The database does not answer. It is being restarted; try again in a few seconds.")

    chat.index = lambda _: Away()  # type: ignore[assignment, return-value]
    told = end_of(await chat.answers(ask))
    assert (told["code"], told["retryable"]) == ("internal", True)
    assert "try again" in told["content"]
    assert chat.model.prompts == []


async def test_a_full_disk_under_an_answer_ends_it_with_the_reason(chat: ChatHouse) -> None:
    ask = chat.asked()
    with disk_full(chat.database, "turn_deltas", "new.value = '25 days [1].'"):
        told = end_of(await chat.answers(ask))
    assert (told["code"], told["retryable"]) == ("internal", True)
    assert "disk of the database is full" in told["content"]
    assert chat.turns.get(ask.key).status == "ended"


async def test_an_answer_whose_end_cannot_be_stored_is_made_again_later(chat: ChatHouse) -> None:
    ask = chat.asked()
    feed = chat.feeds.open(ask.key)
    with (
        disk_full(chat.database, "turns", f"new.message_id = '{ask.message_id}' and new.status = 'ended'"),
        pytest.raises(Unavailable),
    ):
        await answer(ask.key, chat)
    assert all(frame["action"] == "llm_new_token" for frame in frames_of(feed)), "no end is told that is not stored"
    chat.is_restarted()
    assert ask in chat.turns.unfinished()
    assert end_of(await chat.answers(ask))["content"] == "25 days [1]."
