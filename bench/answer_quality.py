"""How good the built-in answers are: the gold words in them, and honesty about what the documents do not say.

`python -m bench.answer_quality FOLDER [--off-topic QUERIES.jsonl ...]`: FOLDER has corpus.jsonl (_id, text) and
answers.jsonl (question, answers: the spans that count as right). Off-topic questions are of another collection. Prints
JSON: the share of questions whose answer holds a right span, of those refused, of off-topic ones refused, and the
share of citations whose quote is in its passage.
"""

import argparse
import asyncio
import json
import random
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from bench.product import Server, kosha, workspace_of_texts

AT_ONCE = 4


async def ask(client: aiohttp.ClientSession, server: Server, workspace_id: str, question: str) -> dict[str, Any]:
    """The final response."""
    data = {"sessionId": str(uuid4()), "messageId": str(uuid4()), "text": question, "mode": "chain"}
    async with client.ws_connect(server.socket_url, max_msg_size=0) as socket:
        await socket.send_json({"action": "run", "data": data | {"workspaceId": workspace_id}})
        async for message in socket:
            frame = json.loads(message.data)
            if frame["data"].get("messageId") != data["messageId"]:
                continue  # another socket of this user's, which all of them see
            if frame["action"] == "final_response":
                return frame["data"]
            if frame["action"] == "error":
                raise RuntimeError(frame["data"]["content"])
    raise RuntimeError("the socket closed")


async def measure(server: Server, corpus: list[Any], asked: list[Any], off_topic: list[str]) -> dict[str, Any]:
    """Ask everything."""
    workspace_id = await workspace_of_texts(server, [(one["_id"], one["text"]) for one in corpus], threshold=None)
    room = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as client:

        async def one(question: str) -> dict[str, Any]:
            async with room:
                return await ask(client, server, workspace_id, question)

        answers = await asyncio.gather(*(one(each["question"]) for each in asked))
        refusals = await asyncio.gather(*(one(question) for question in off_topic))
    right = sum(
        any(span in told["content"] for span in each["answers"]) for each, told in zip(asked, answers, strict=True)
    )
    citations = [(told, citation) for told in answers for citation in told["metadata"]["citations"]]
    holding = sum(_holds(told, citation) for told, citation in citations)
    return {
        "questions": len(asked),
        "rightSpanInAnswer": round(right / len(asked), 3),
        "refused": round(sum(not told["metadata"]["citations"] for told in answers) / len(asked), 3),
        "offTopicQuestions": len(off_topic),
        "offTopicRefused": round(
            sum(not told["metadata"]["citations"] for told in refusals) / max(1, len(off_topic)), 3
        ),
        "citations": len(citations),
        "quoteInPassage": round(holding / max(1, len(citations)), 3),
    }


def _holds(told: dict[str, Any], citation: dict[str, Any]) -> bool:
    passages = {hit["chunkId"]: hit for hit in told["metadata"]["documents"]}
    return citation["quote"] in passages[citation["chunkId"]]["content"]


def lines(path: Path) -> list[Any]:
    """A JSON value a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--off-topic", type=Path, nargs="*", default=[])
    parser.add_argument("--questions", type=int, default=250)
    arguments = parser.parse_args()
    chance = random.Random(1)
    asked = chance.sample(lines(arguments.folder / "answers.jsonl"), arguments.questions)
    off_topic = [one["text"] for path in arguments.off_topic for one in lines(path)[:50]]
    with kosha() as server:
        print(
            json.dumps(
                asyncio.run(measure(server, lines(arguments.folder / "corpus.jsonl"), asked, off_topic)), indent=2
            )
        )
