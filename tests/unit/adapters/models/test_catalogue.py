"""The models at hand: which is the default, what is known of a server that is silent, what was found by itself."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kosha.adapters.models.catalogue import Catalogue, Provider
from kosha.adapters.models.extractive import ExtractiveChatModel
from kosha.adapters.models.openai_compatible import OpenAiServer
from kosha.errors import ModelUnavailable, Rejected
from kosha.sentences import sentences

FACTS = [{"match": "gpt-*", "context_tokens": 128_000, "price_input_per_million": 2.5}]
BUILT_IN = ExtractiveChatModel(lambda: None, sentences)


class ModelList:
    """A server with models, in a thread, because the catalogue blocks while it asks."""

    def __init__(self) -> None:
        self.names = ["gpt-4o", "llama3"]
        self.status = 200
        self.asked = 0
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.asked += 1
                body = json.dumps({"data": [{"id": name} for name in told.names]}).encode()
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def models() -> Iterator[ModelList]:
    models = ModelList()
    yield models
    models.close()


def provider(url: str, name: str = "openai", *, found: bool = False) -> Provider:
    return Provider(name, OpenAiServer(url, None), None, found)


def catalogue(*providers: Provider, default: str | None = None) -> Catalogue:
    return Catalogue(BUILT_IN, providers, FACTS, default)


def names(catalogue: Catalogue) -> list[str]:
    return [f"{info.provider}/{info.name}" for info in catalogue.list()]


def nobody() -> Provider:
    models = ModelList()
    models.close()
    return provider(models.url)


def test_without_a_server_the_built_in_answerer_is_the_default() -> None:
    assert names(catalogue()) == ["kosha/extractive"]
    assert catalogue().get(None, None) is BUILT_IN


def test_the_first_model_of_a_configured_server_is_the_default(models: ModelList) -> None:
    known = catalogue(provider(models.url))
    assert names(known) == ["openai/gpt-4o", "openai/llama3", "kosha/extractive"]
    assert known.get(None, None).info.name == "gpt-4o"


def test_a_server_that_was_only_found_is_offered_but_not_the_default(models: ModelList) -> None:
    known = catalogue(provider(models.url, "ollama", found=True))
    assert names(known) == ["kosha/extractive", "ollama/gpt-4o", "ollama/llama3"]
    assert known.get("ollama", "llama3").info.label == "llama3 (ollama)"


def test_a_default_may_be_chosen_by_name(models: ModelList) -> None:
    known = catalogue(provider(models.url), default="openai/llama3")
    assert known.get(None, None).info.name == "llama3"
    assert names(known)[0] == "openai/llama3"


def test_what_is_known_of_a_model_is_told(models: ModelList) -> None:
    first, second, _ = catalogue(provider(models.url)).list()
    assert (first.context_tokens, first.price_input_per_million) == (128_000, 2.5)
    assert second.price_input_per_million is None


def test_an_unknown_model_is_rejected_with_those_that_are_known(models: ModelList) -> None:
    with pytest.raises(Rejected, match=r"'gpt-99'.*openai/gpt-4o, openai/llama3, kosha/extractive"):
        catalogue(provider(models.url)).get("openai", "gpt-99")


def test_a_configured_server_that_is_silent_is_listed_with_the_reason() -> None:
    known = catalogue(nobody())
    *_, silent = known.list()
    assert (silent.provider, silent.available) == ("openai", False)
    assert "does not list its models" in (silent.reason or "")
    with pytest.raises(ModelUnavailable, match="does not list its models"):
        known.get("openai", "gpt-4o")


def test_nobody_on_a_usual_port_is_no_news() -> None:
    silent = nobody()._replace(name="ollama", found=True)
    assert names(catalogue(silent)) == ["kosha/extractive"]


def test_a_server_that_falls_silent_keeps_its_models_marked_as_away(models: ModelList) -> None:
    known = catalogue(provider(models.url))
    assert known.list()[0].available
    models.status = 500
    known._asked_at -= 3600
    known._ask()
    first = known.list()[0]
    assert (first.name, first.available) == ("gpt-4o", False)
    assert "500" in (first.reason or "")
    assert known.get(None, None).info.name == "gpt-4o", "a question does not go to another model unasked"


def test_a_model_that_was_just_loaded_is_found_when_it_is_named(models: ModelList) -> None:
    known = catalogue(provider(models.url))
    known.list()
    models.names.append("qwen3")
    known._asked_at -= 10
    assert known.get("openai", "qwen3").info.name == "qwen3"


def test_lists_are_asked_for_once_in_a_while_however_many_ask(models: ModelList) -> None:
    known = catalogue(provider(models.url))
    threads = [threading.Thread(target=known.list) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert models.asked == 1


async def test_connections_are_closed(models: ModelList) -> None:
    known = catalogue(provider(models.url))
    await asyncio.to_thread(known.list)
    client = known._providers[0].server.client()
    await known.close()
    assert client.closed
