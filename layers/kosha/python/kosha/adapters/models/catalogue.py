"""The models at hand: the built-in answerer, a configured server, and servers found on this machine."""

import asyncio
import threading
import time
from collections.abc import Sequence
from fnmatch import fnmatch
from typing import Any, NamedTuple

from kosha.adapters.models.openai_compatible import OpenAiChatModel, OpenAiServer, list_models
from kosha.errors import ModelUnavailable, Rejected
from kosha.model.prompt import ModelInfo
from kosha.ports import ChatModel

FRESH_SECONDS = 30.0
RETRY_SECONDS = 2.0
LIST_SECONDS = 2.0


class Provider(NamedTuple):
    """A server that may have models. `found`: looked for on its usual port, so silence from it is no news."""

    name: str
    server: OpenAiServer
    api_key: str | None
    found: bool


class Catalogue:
    """Fits the port ChatModels. Lists are asked for at most every 30 seconds, in the background.

    What a configured server once listed stays known while it is silent: a question to it then says that it is away,
    instead of going to another model unasked.
    facts: rows of models.toml: `match` (a glob on the model's name) with any field of ModelInfo.
    default: "provider/name" of the model for those who name none; else the first configured one, else the built-in.
    """

    def __init__(
        self, built_in: ChatModel, providers: Sequence[Provider], facts: Sequence[dict[str, Any]], default: str | None
    ) -> None:
        self._built_in = built_in
        self._providers = providers
        self._facts = facts
        self._default = default
        self._models: dict[tuple[str, str], ChatModel] = {}
        self._silent: dict[str, str] = {}
        self._asked_at = 0.0
        self._asking = threading.Lock()

    def list(self) -> list[ModelInfo]:
        """Every model known, the default one first; of a configured server that is silent, with the reason."""
        self._look()
        default = self._default_model()
        known = [default, *(model for model in (*self._models.values(), self._built_in) if model is not default)]
        never_heard = self._silent.keys() - {model.info.provider for model in known}
        return [
            *(self._with_reason(model.info) for model in known),
            *(_unheard(name, self._silent[name]) for name in sorted(never_heard)),
        ]

    def get(self, provider: str | None, name: str | None) -> ChatModel:
        """The model named, or the default one.

        Raises Rejected for one that is not known, ModelUnavailable for one of a server that never answered.
        """
        self._look(keep_waiting=False)
        if provider is None and name is None:
            return self._default_model()
        if (model := self._find(provider, name)) is None:
            self._look(at_once=True)
            model = self._find(provider, name)
        if model is not None:
            return model
        if provider in self._silent:
            raise ModelUnavailable(self._silent[provider])
        known = ", ".join(f"{info.provider}/{info.name}" for info in self.list() if info.available)
        raise Rejected(f"No model {name!r} of provider {provider!r} is known here. Choose one of: {known}.")

    async def close(self) -> None:
        """Close the connections to the servers."""
        for provider in self._providers:
            await provider.server.close()

    def _with_reason(self, info: ModelInfo) -> ModelInfo:
        reason = self._silent.get(info.provider)
        return info if reason is None else info.model_copy(update={"available": False, "reason": reason})

    def _find(self, provider: str | None, name: str | None) -> ChatModel | None:
        for model in (*self._models.values(), self._built_in):
            if provider in (None, model.info.provider) and name in (None, model.info.name):
                return model
        return None

    def _default_model(self) -> ChatModel:
        if self._default:
            provider, _, name = self._default.partition("/")
            return self._find(provider, name or None) or self._built_in
        configured = {provider.name for provider in self._providers if not provider.found}
        return next((model for model in self._models.values() if model.info.provider in configured), self._built_in)

    def _look(self, *, at_once: bool = False, keep_waiting: bool = True) -> None:
        """Ask the servers again where the list is old; the first time, and `at_once`, wait for it."""
        if not self._providers:
            return
        age_seconds = time.monotonic() - self._asked_at
        if self._asked_at and age_seconds < (RETRY_SECONDS if at_once else FRESH_SECONDS):
            return
        if self._asked_at and not at_once:
            if self._asking.acquire(blocking=False):
                self._asking.release()
                threading.Thread(target=self._ask, name="model-lists", daemon=True).start()
            return
        if keep_waiting or not self._asked_at:
            self._ask()

    def _ask(self) -> None:
        with self._asking:
            if self._asked_at and time.monotonic() - self._asked_at < RETRY_SECONDS:
                return
            asyncio.run(self._ask_all())
            self._asked_at = time.monotonic()

    async def _ask_all(self) -> None:
        answers = await asyncio.gather(*(self._names(provider) for provider in self._providers))
        models: dict[tuple[str, str], ChatModel] = {}
        silent: dict[str, str] = {}
        for provider, names in zip(self._providers, answers, strict=True):
            if isinstance(names, ModelUnavailable):
                if not provider.found:
                    silent[provider.name] = str(names)
                    models |= {key: model for key, model in self._models.items() if key[0] == provider.name}
                continue
            for name in names:
                key = (provider.name, name)
                models[key] = self._models.get(key) or self._model(provider, name)
        self._models, self._silent = models, silent

    async def _names(self, provider: Provider) -> "Sequence[str] | ModelUnavailable":
        try:
            return await list_models(provider.server.base_url, provider.api_key, timeout_seconds=LIST_SECONDS)
        except ModelUnavailable as error:
            return error

    def _model(self, provider: Provider, name: str) -> ChatModel:
        return OpenAiChatModel(self._info(provider, name), provider.server)

    def _info(self, provider: Provider, name: str) -> ModelInfo:
        nothing: dict[str, Any] = {}
        facts = next((row for row in self._facts if fnmatch(name, row["match"])), nothing)
        told = {field: value for field, value in facts.items() if field != "match"}
        plain = {"provider": provider.name, "name": name, "label": f"{name} ({provider.name})"}
        return ModelInfo.model_validate({**plain, **told})


def _unheard(provider: str, reason: str) -> ModelInfo:
    """What stands in a list for a configured server that has not told its models."""
    label = f"{provider} (no answer)"
    return ModelInfo(provider=provider, name="unknown", label=label, available=False, reason=reason)
