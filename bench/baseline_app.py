"""The plain way, as a tutorial has it: FastAPI, langchain-openai and PGVector. The baseline of bench/chat.py.

Runs in .venv-bench: `python -m bench.baseline_app DATA MODEL_URL TEXTS.json` prints `{"url": ...}` when it serves.
It shares only the embedder and the PostgreSQL binaries with the product.
"""

import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain_core.embeddings import Embeddings
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langchain_postgres import PGVector
from pydantic import BaseModel

from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.minilm import MiniLmEmbedder
from kosha.adapters.local.weights import Weights, find_weights


class MiniLm(Embeddings):
    """The product's embedder as LangChain wants one."""

    def __init__(self, cache: Path) -> None:
        weights = find_weights(folder=None, cache=cache, may_download=False)
        assert isinstance(weights, Weights)
        self._embedder = MiniLmEmbedder(weights, cache=cache)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed(texts, kind="passage").tolist()

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.embed([text], kind="query")[0].tolist()


class Asked(BaseModel):
    question: str


def application(store: PGVector, model: ChatOpenAI) -> FastAPI:
    app = FastAPI()

    @app.post("/chat")
    async def chat(asked: Asked) -> StreamingResponse:
        async def words() -> AsyncIterator[str]:
            found = await store.asimilarity_search(asked.question, k=8)
            passages = "\n\n".join(f"[{number}] {one.page_content}" for number, one in enumerate(found, 1))
            messages = [SystemMessage(f"Answer from these passages:\n{passages}"), HumanMessage(asked.question)]
            async for chunk in model.astream(messages):
                yield str(chunk.content)

        return StreamingResponse(words(), media_type="text/plain")

    return app


def main() -> None:
    data, model_url, texts = Path(sys.argv[1]), sys.argv[2], json.loads(Path(sys.argv[3]).read_text())
    with EmbeddedPostgres(data) as postgres:
        folder = postgres.dsn.split("host=")[1].split()[0]
        url = f"postgresql+psycopg://kosha@/postgres?host={folder}"
        PGVector(MiniLm(data), connection=url, collection_name="bench").add_texts(
            [text[start : start + 1000] for _, text in texts for start in range(0, len(text), 850)]
        )
        store = PGVector(MiniLm(data), connection=url, collection_name="bench", async_mode=True, create_extension=False)
        model = ChatOpenAI(model="mock", base_url=model_url, api_key="none", max_tokens=512)
        listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
        print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
        config = uvicorn.Config(application(store, model), log_level="warning")
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
