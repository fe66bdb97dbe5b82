"""What a chat model is asked before it answers, where a workspace wants it: small talk, order, fewer words."""

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
from kosha.ports import Limits
from kosha.retrieval import listwise, rewrite, shorten, talk
from kosha.sentences import sentences

CANTEEN = " ".join(f"The canteen serves dish {number} on weekdays." for number in range(20))
BERLIN = f"Parental leave in Berlin is 30 days, asked for by letter. {CANTEEN}"
LIBRARY = " ".join(f"Shelf {number} of our library has novels by women writers." for number in range(20))
HAMBURG = f"Parental leave in Hamburg is 20 days, asked for by telephone. {LIBRARY}"
QUESTION = "How many days of parental leave are there in the Berlin office?"
SHORT = "Parental leave: 30 days, by letter."
SOON = Limits(rewrite_seconds=0.05, rerank_seconds=0.05, compress_seconds=0.05)
EVERYTHING = {"route_by_model": True, "rerank_by_model": True, "compress_by_model": True}
ASKED = {rewrite.SYSTEM: "rewrite", talk.SYSTEM: "route", listwise.SYSTEM: "rerank", shorten.SYSTEM: "compress"}


class AdvisingModel(ScriptedModel):
    """A provider that answers as told, and gives the advice it was told to give; None for none at all.

    order: the words that the passages begin with, best first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.kind: str | Exception | None = "TALK"
        self.order: tuple[str, ...] | Exception | None = ("Parental leave in Berlin", "Parental leave in Hamburg")
        self.short: str | Exception | None = SHORT

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        stage = next((stage for system, stage in ASKED.items() if prompt.system.startswith(system)), "answer")
        self.asked.append(stage)
        if stage == "answer":
            async for piece in super().stream(prompt):
                yield piece
            return
        advice = {"rewrite": self.kind, "route": self.kind, "rerank": self.order, "compress": self.short}[stage]
        if isinstance(advice, Exception):
            raise advice
        if advice is None:
            await asyncio.Event().wait()
        yield Piece(text=self._words(stage, prompt))
        yield Piece(stop_reason="end", usage=Usage(input_tokens=100, output_tokens=10))

    def _words(self, stage: str, prompt: Prompt) -> str:
        named = list(zip(prompt.names, prompt.passages, strict=True))
        if stage == "rerank" and isinstance(self.order, tuple):
            return " ".join(name for begin in self.order for name, hit in named if hit.content.startswith(begin))
        if stage == "compress":
            return "\n".join(f"{name}: {self.short}" for name, _ in named)
        return str(self.kind)


@pytest.fixture
def model(chat: ChatHouse) -> AdvisingModel:
    chat.model = model = AdvisingModel()
    chat.chat_models = Catalogue(model, [], [], None)
    model.will_say("30 days [1].", Piece(stop_reason="end", usage=Usage(input_tokens=200, output_tokens=5)))
    return model


def workspace_id(chat: ChatHouse, *, threshold: float = 0, **retrieval: Any) -> str:
    workspace = chat.has_workspace(retrieval={"threshold": threshold, **retrieval})
    chat.has_document(workspace, HAMBURG)
    chat.has_document(workspace, BERLIN)
    return workspace.id


async def frames_of(chat: ChatHouse, text: str, **retrieval: Any) -> list[Frame]:
    return await chat.answers(chat.asked(text, workspace_id=workspace_id(chat, **retrieval)))


async def final_of(chat: ChatHouse, text: str, **retrieval: Any) -> dict[str, Any]:
    return end_of(await frames_of(chat, text, **retrieval))


def steps(frames: list[Frame]) -> list[str]:
    return [frame["data"]["name"] for frame in frames if frame["action"] == "thinking_step"]


class TestByDefault:
    @pytest.mark.parametrize("text", [QUESTION, "parental leave", "you are a star"])
    async def test_the_answer_is_all_that_a_model_is_asked_for(
        self, chat: ChatHouse, model: AdvisingModel, text: str
    ) -> None:
        final = await final_of(chat, text)
        assert model.asked in (["answer"], [])  # none where nothing was found
        assert "byModel" not in final["metadata"]["retrieval"]
        assert {"route", "rewrite", "compress"}.isdisjoint(final["metadata"]["timingsMs"])

    async def test_the_built_in_answerer_is_asked_for_nothing_else_whatever_a_workspace_wants(
        self, chat: ChatHouse
    ) -> None:
        chat.chat_models = Catalogue(ExtractiveChatModel(lambda: None, sentences), [], [], None)
        final = await final_of(chat, QUESTION, **EVERYTHING)
        assert final["content"].startswith("Parental leave in Berlin is 30 days")
        assert final["metadata"]["retrieval"] == {"route": "question", "queries": [QUESTION]}


class TestSmallTalk:
    async def test_what_is_not_found_and_not_in_any_list_may_be_small_talk(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        model.will_say("Thank you!", Piece(stop_reason="end", usage=Usage(input_tokens=200, output_tokens=5)))
        final = await final_of(chat, "you are a star", threshold=0.4, route_by_model=True)
        assert (final["content"], final["stopReason"]) == ("Thank you!", "end")
        assert model.asked == ["route", "answer"]
        assert model.prompts[-1].system == prompts.SMALL_TALK
        metadata = final["metadata"]
        assert metadata["retrieval"] == {"route": "small talk", "queries": ["you are a star"], "byModel": ["route"]}
        assert metadata["usage"] == {"inputTokens": 300, "outputTokens": 15}
        assert metadata["documents"] == []

    @pytest.mark.parametrize(
        "kind", ["SEARCH", "Who knows?", None, ModelUnavailable("Busy.")], ids=["search", "nonsense", "silent", "busy"]
    )
    async def test_else_the_documents_do_not_say(
        self, chat: ChatHouse, model: AdvisingModel, kind: str | Exception | None
    ) -> None:
        chat.limits = SOON if kind is None else Limits()
        model.kind = kind
        final = await final_of(chat, "you are a star", threshold=0.4, route_by_model=True)
        assert (final["content"], final["stopReason"]) == (prompts.NOTHING_FOUND, "refused")
        assert model.asked == ["route"]

    @pytest.mark.parametrize("text", ["parental leave in Berlin", QUESTION])
    async def test_what_is_found_costs_no_call(self, chat: ChatHouse, model: AdvisingModel, text: str) -> None:
        await final_of(chat, text, route_by_model=True)
        assert model.asked == ["answer"]

    @pytest.mark.parametrize("text", ["ERR_42", "What was the weather like on the day that Section 21 became law?"])
    async def test_what_is_no_small_talk_by_its_looks_costs_none_either(
        self, chat: ChatHouse, model: AdvisingModel, text: str
    ) -> None:
        final = await final_of(chat, text, threshold=0.9, route_by_model=True)
        assert (final["stopReason"], model.asked) == ("refused", [])

    async def test_a_workspace_that_routes_nothing_has_no_small_talk(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        final = await final_of(chat, "you are a star", threshold=0.4, route=False, route_by_model=True)
        assert (final["stopReason"], model.asked) == ("refused", [])

    async def test_who_converses_about_anything_needs_no_verdict(self, chat: ChatHouse, model: AdvisingModel) -> None:
        workspace = chat.has_workspace(empty_retrieval="converse", retrieval={"route_by_model": True})
        await chat.answers(chat.asked("you are a star", workspace_id=workspace.id))
        assert model.asked == ["answer"]
        assert model.prompts[-1].system == prompts.PLAIN

    async def _followed_up(self, chat: ChatHouse, text: str) -> list[Frame]:
        workspace = workspace_id(chat, threshold=0.4, route_by_model=True)
        first = chat.asked("How many days of parental leave in Berlin?", workspace_id=workspace)
        await chat.answers(first)
        chat.model.asked.clear()  # type: ignore[attr-defined]
        return await chat.answers(chat.asked(text, session_id=first.session_id, workspace_id=workspace))

    async def test_the_call_that_rewrites_a_follow_up_tells_small_talk_too_and_nothing_is_searched(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        frames = await self._followed_up(chat, "and they laughed")
        assert model.asked == ["rewrite", "answer"]
        assert model.prompts[-1].system == prompts.SMALL_TALK
        assert end_of(frames)["metadata"]["retrieval"] == {
            "route": "small talk", "queries": [], "byModel": ["rewrite"]
        }  # fmt: skip
        assert steps(frames) == ["search"]

    @pytest.mark.parametrize("kind", ["Why did they laugh about Saturn?", None], ids=["rewritten", "silent"])
    async def test_no_turn_asks_twice_before_its_answer(
        self, chat: ChatHouse, model: AdvisingModel, kind: str | None
    ) -> None:
        chat.limits = SOON if kind is None else Limits()
        model.kind = kind
        await self._followed_up(chat, "and they laughed")
        assert [stage for stage in model.asked if stage != "answer"] == ["rewrite"]


class TestOrder:
    async def test_the_model_puts_the_passages_in_order_and_says_so(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        model.order = ("Parental leave in Hamburg",)
        frames = await frames_of(chat, QUESTION, rerank_by_model=True)
        metadata = end_of(frames)["metadata"]
        assert [hit["content"] for hit in metadata["documents"]] == [HAMBURG, BERLIN]
        assert metadata["documents"][0]["ranks"]["rerank"] == 1
        assert model.prompts[-1].passages[0].content == HAMBURG
        assert metadata["retrieval"]["byModel"] == ["rerank"]
        assert metadata["usage"] == {"inputTokens": 300, "outputTokens": 15}
        assert steps(frames) == ["search", "rerank"]

    @pytest.mark.parametrize("order", [(), None, ModelUnavailable("Busy.")], ids=["nonsense", "silent", "busy"])
    async def test_without_its_word_the_order_is_that_of_the_search(
        self, chat: ChatHouse, model: AdvisingModel, order: Any
    ) -> None:
        chat.limits = SOON if order is None else Limits()
        model.order = order
        final = await final_of(chat, QUESTION, rerank_by_model=True)
        assert [hit["content"] for hit in final["metadata"]["documents"]] == [BERLIN, HAMBURG]
        assert final["content"] == "30 days [1]."
        assert "byModel" not in final["metadata"]["retrieval"]

    async def test_nothing_found_is_put_in_no_order(self, chat: ChatHouse, model: AdvisingModel) -> None:
        model.kind = "SEARCH"
        final = await final_of(chat, "How far is it to Saturn and back again?", threshold=0.4, **EVERYTHING)
        assert (final["stopReason"], model.asked) == ("refused", ["route"])


class TestFewerWords:
    async def test_the_answer_is_made_of_short_passages_and_cites_the_passage_as_it_is_kept(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        model.will_say("30 days of parental leave in Berlin [1].")
        frames = await frames_of(chat, QUESTION, compress_by_model=True, top_k=1)
        assert [hit.content for hit in model.prompts[-1].passages] == [SHORT]
        metadata = end_of(frames)["metadata"]
        assert [hit["content"] for hit in metadata["documents"]] == [BERLIN]
        [citation] = metadata["citations"]
        assert citation["quote"] == "Parental leave in Berlin is 30 days, asked for by letter."
        assert citation["chunkId"] == metadata["documents"][0]["chunkId"]
        assert metadata["retrieval"]["byModel"] == ["compress"]
        assert metadata["timingsMs"]["compress"] >= 0
        assert steps(frames) == ["search", "compress"]

    @pytest.mark.parametrize(
        "short",
        ["Leave is 99 days.", None, ModelUnavailable("Busy.")],
        ids=["not borne out", "silent", "busy"],
    )
    async def test_without_its_word_passages_are_cut_to_their_own_sentences(
        self, chat: ChatHouse, model: AdvisingModel, short: str | Exception | None
    ) -> None:
        chat.limits = SOON if short is None else Limits()
        model.short = short
        final = await final_of(chat, QUESTION, compress_by_model=True, top_k=1)
        [passage] = model.prompts[-1].passages
        assert passage.content.startswith("Parental leave in Berlin is 30 days, asked for by letter.")
        assert len(passage.content) < 200
        assert "byModel" not in final["metadata"]["retrieval"]

    async def test_order_comes_before_fewer_words_and_both_are_paid_for(
        self, chat: ChatHouse, model: AdvisingModel
    ) -> None:
        final = await final_of(chat, QUESTION, **EVERYTHING)
        assert model.asked == ["rerank", "compress", "answer"]
        assert final["metadata"]["retrieval"]["byModel"] == ["rerank", "compress"]
        assert final["metadata"]["usage"] == {"inputTokens": 400, "outputTokens": 25}
