"""From what was typed to the passages of the prompt: follow-ups, small talk, known questions, what is read of a hit."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.unit.chat.house import ChatHouse, Frame, ScriptedModel, end_of

from kosha.adapters.models.catalogue import Catalogue
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.chat import prompts
from kosha.errors import ModelUnavailable
from kosha.model.prompt import Piece, Prompt, Usage
from kosha.model.turn import Ask
from kosha.ports import Limits
from kosha.retrieval import rewrite
from kosha.sentences import sentences

PARENTAL = "Parental leave in Berlin is 30 days."
TRAVEL = "Travel to the plant in Hamburg is paid by the firm."
STANDALONE = "How many days of parental leave are there in Berlin?"


class RewritingModel(ScriptedModel):
    """A provider that answers as told, and rewrites questions when asked for that."""

    def __init__(self) -> None:
        super().__init__()
        self.rewrites: list[Prompt] = []
        self.rewrite: str | Exception | None = STANDALONE

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        if not prompt.system.startswith(rewrite.SYSTEM):
            async for piece in super().stream(prompt):
                yield piece
            return
        self.rewrites.append(prompt)
        if isinstance(self.rewrite, Exception):
            raise self.rewrite
        if self.rewrite is None:
            await asyncio.Event().wait()
        yield Piece(text=str(self.rewrite))
        yield Piece(stop_reason="end", usage=Usage(input_tokens=100, output_tokens=10))


@pytest.fixture
def model(chat: ChatHouse) -> RewritingModel:
    chat.model = model = RewritingModel()
    chat.chat_models = Catalogue(model, [], [], None)
    model.will_say("30 days [1].", Piece(stop_reason="end", usage=Usage(input_tokens=200, output_tokens=5)))
    return model


def workspace_id(chat: ChatHouse, **retrieval: Any) -> str:
    workspace = chat.has_workspace(retrieval={"threshold": 0, **retrieval})
    chat.has_document(workspace, PARENTAL)
    chat.has_document(workspace, TRAVEL)
    return workspace.id


async def followed_up(chat: ChatHouse, text: str = "And in Berlin?", **retrieval: Any) -> tuple[Ask, list[Frame]]:
    """The frames of the second question of a conversation about parental leave."""
    workspace = workspace_id(chat, **retrieval)
    first = chat.asked("How many days of parental leave does a part-time employee get?", workspace_id=workspace)
    await chat.answers(first)
    second = chat.asked(text, session_id=first.session_id, workspace_id=workspace)
    return second, await chat.answers(second)


def thoughts(frames: list[Frame], name: str) -> list[str]:
    return [
        frame["data"]["detail"]
        for frame in frames
        if frame["action"] == "thinking_step" and frame["data"]["name"] == name
    ]


class TestFollowUps:
    async def test_a_model_rewrites_a_follow_up_and_says_so(self, chat: ChatHouse, model: RewritingModel) -> None:
        ask, frames = await followed_up(chat)
        [step] = thoughts(frames, "rewrite")
        assert step.startswith(STANDALONE)
        trace = end_of(frames)["metadata"]["retrieval"]
        assert (trace["question"], trace["queries"][0]) == (STANDALONE, STANDALONE)
        assert "parental leave" in model.rewrites[0].question
        assert chat.sessions.messages(ask.user_id, ask.session_id)[2].content == "And in Berlin?"

    async def test_the_model_is_asked_the_question_as_it_was_typed_and_as_it_is_meant(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        await followed_up(chat)
        assert (model.prompts[-1].question, model.prompts[-1].standalone) == ("And in Berlin?", STANDALONE)

    async def test_what_the_rewrite_cost_is_counted(self, chat: ChatHouse, model: RewritingModel) -> None:
        _, frames = await followed_up(chat)
        metadata = end_of(frames)["metadata"]
        assert metadata["usage"] == {"inputTokens": 300, "outputTokens": 15}
        assert metadata["timingsMs"]["rewrite"] >= 0

    @pytest.mark.parametrize("text", ["How many days of parental leave does a full-time employee get?", "ERR_42"])
    async def test_a_question_that_stands_alone_costs_nothing_more(
        self, chat: ChatHouse, model: RewritingModel, text: str
    ) -> None:
        _, frames = await followed_up(chat, text)
        assert model.rewrites == []
        assert "rewrite" not in end_of(frames)["metadata"]["timingsMs"]

    async def test_the_first_question_is_never_rewritten(self, chat: ChatHouse, model: RewritingModel) -> None:
        await chat.answers(chat.asked("And in Berlin?", workspace_id=workspace_id(chat)))
        assert model.rewrites == []

    @pytest.mark.parametrize("failure", [None, ModelUnavailable("Busy."), ""], ids=["silent", "busy", "empty"])
    async def test_without_a_rewrite_in_time_the_rules_go_on(
        self, chat: ChatHouse, model: RewritingModel, failure: str | Exception | None
    ) -> None:
        chat.limits = Limits(rewrite_seconds=0.05)
        model.rewrite = failure
        _, frames = await followed_up(chat)
        final = end_of(frames)
        assert final["content"] == "30 days [1]."
        assert final["metadata"]["documents"][0]["content"] == PARENTAL
        assert thoughts(frames, "rewrite") == []

    async def test_by_rules_the_last_question_is_carried_over(self, chat: ChatHouse, model: RewritingModel) -> None:
        _, frames = await followed_up(chat, "And who pays it?", rewrite="rules")
        assert model.rewrites == []
        metadata = end_of(frames)["metadata"]
        assert "parental leave" in metadata["retrieval"]["queries"][1]
        assert {hit["content"] for hit in metadata["documents"]} == {PARENTAL, TRAVEL}

    async def test_a_short_question_about_something_else_is_refused_whatever_was_said_before(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        _, frames = await followed_up(chat, "How far is the moon?", threshold=0.3)
        final = end_of(frames)
        assert (final["content"], final["stopReason"]) == (prompts.NOTHING_FOUND, "refused")
        assert final["metadata"]["documents"] == []

    async def test_a_workspace_may_leave_questions_as_they_are(self, chat: ChatHouse, model: RewritingModel) -> None:
        _, frames = await followed_up(chat, rewrite="off")
        assert end_of(frames)["metadata"]["retrieval"] == {"route": "question", "queries": ["And in Berlin?"]}

    async def test_the_built_in_answerer_is_asked_for_no_rewrite(self, chat: ChatHouse) -> None:
        answerer = ExtractiveChatModel(lambda: None, sentences)
        chat.chat_models = Catalogue(answerer, [], [], None)
        _, frames = await followed_up(chat)
        assert end_of(frames)["content"] == f"{PARENTAL} [1]"

    async def test_other_wordings_are_searched_where_a_workspace_wants_them(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        model.rewrite = f"{STANDALONE}\n- Berlin: days of leave for parents?\n- Parents in Berlin"
        _, frames = await followed_up(chat, query_variants=2)
        assert end_of(frames)["metadata"]["retrieval"]["queries"][1:] == [
            "Berlin: days of leave for parents?",
            "Parents in Berlin",
            "And in Berlin?",
        ]

    async def test_without_a_model_a_question_of_several_is_taken_apart_at_its_question_marks(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        workspace = workspace_id(chat, rewrite="rules", decompose=True)
        text = "How long is parental leave in Berlin? Who pays for travel to Hamburg?"
        final = end_of(await chat.answers(chat.asked(text, workspace_id=workspace)))
        assert len(final["metadata"]["retrieval"]["queries"]) == 3


class TestRoutes:
    async def test_small_talk_is_answered_without_a_search(self, chat: ChatHouse, model: RewritingModel) -> None:
        model.will_say("You are welcome.")
        frames = await chat.answers(chat.asked("Thank you!", workspace_id=workspace_id(chat)))
        final = end_of(frames)
        assert (final["content"], final["stopReason"]) == ("You are welcome.", "end")
        assert final["metadata"]["retrieval"]["route"] == "small talk"
        assert final["metadata"]["documents"] == []
        assert thoughts(frames, "search") == []
        assert model.prompts[0].system == prompts.SMALL_TALK

    async def test_small_talk_gets_a_word_back_where_no_model_writes(self, chat: ChatHouse) -> None:
        chat.chat_models = Catalogue(ExtractiveChatModel(lambda: None, sentences), [], [], None)
        final = end_of(await chat.answers(chat.asked("Danke schön!", workspace_id=workspace_id(chat))))
        assert (final["content"], final["stopReason"]) == (prompts.pleasantry("de"), "end")

    async def test_a_workspace_may_search_for_small_talk_too(self, chat: ChatHouse, model: RewritingModel) -> None:
        final = end_of(await chat.answers(chat.asked("Thank you!", workspace_id=workspace_id(chat, route=False))))
        assert (final["content"], final["stopReason"]) == (prompts.NOTHING_FOUND, "refused")

    async def test_a_known_question_gets_its_answer_and_nothing_else(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        workspace = chat.has_workspace()
        chat.has_document(workspace, "Who repairs the printer?", complement="The facility team in room 0.17.")
        chat.has_document(workspace, "Who repairs the printer in Hamburg?", complement="Nobody.")
        final = end_of(await chat.answers(chat.asked("who repairs the printer", workspace_id=workspace.id)))
        [passage] = final["metadata"]["documents"]
        assert passage["contentComplement"] == "The facility team in room 0.17."


class TestWhatIsRead:
    async def test_a_citation_names_the_neighbour_that_has_its_words(
        self, chat: ChatHouse, model: RewritingModel
    ) -> None:
        workspace = chat.has_workspace(retrieval={"threshold": 0, "context": "neighbours"})
        chat.has_document(workspace, "Parental leave is for parents.", "It lasts 30 days.", "It is paid.")
        model.will_say("It lasts 30 days [1].")
        ask = chat.asked("For whom is parental leave meant in this company?", workspace_id=workspace.id)
        metadata = end_of(await chat.answers(ask))["metadata"]
        [citation] = metadata["citations"]
        assert citation["quote"] == "It lasts 30 days."
        [cited] = [hit for hit in metadata["documents"] if hit["chunkId"] == citation["chunkId"]]
        assert cited["content"] == "It lasts 30 days."
        assert model.prompts[0].passages[0].content == "Parental leave is for parents.\nIt lasts 30 days."

    async def test_a_compressed_passage_is_cited_as_it_is_kept(self, chat: ChatHouse, model: RewritingModel) -> None:
        workspace = chat.has_workspace(retrieval={"threshold": 0, "compress": True})
        canteen = " ".join(f"The canteen serves dish {number} today." for number in range(20))
        chat.has_document(workspace, f"{canteen} {PARENTAL} {canteen}")
        model.will_say("30 days of parental leave in Berlin [1].")
        ask = chat.asked("How many days of parental leave are there in the Berlin office?", workspace_id=workspace.id)
        metadata = end_of(await chat.answers(ask))["metadata"]
        assert len(model.prompts[0].passages[0].content) < 200
        assert metadata["documents"][0]["content"].startswith(canteen)
        assert metadata["citations"][0]["quote"] == PARENTAL
