"""Starts the baseline app and talks to it."""

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.product import ROOT, started

PYTHON = ROOT / ".venv-bench/bin/python"


class BaselineChat:
    """A chat with the baseline: a POST whose body streams."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client, self._url = client, url

    async def __aenter__(self) -> "BaselineChat":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def __call__(self, text: str) -> "tuple[float, float, bool]":
        began, first, said = time.perf_counter(), 0.0, b""
        async with self._client.post(f"{self._url}/chat", json={"question": text}) as reply:
            async for block in reply.content.iter_any():
                first = first or time.perf_counter()
                said += block
        return (first - began) * 1000, (time.perf_counter() - began) * 1000, said.count(b" ") >= 99


class Baseline:
    """The running app."""

    def __init__(self, url: str) -> None:
        self._url = url

    def open_chat(self, client: aiohttp.ClientSession) -> BaselineChat:
        """A conversation."""
        return BaselineChat(client, self._url)


@contextmanager
def baseline_app(model_url: str, texts: Sequence[tuple[str, str]]) -> Iterator[Baseline]:
    """The app over its own database with the same texts."""
    with tempfile.TemporaryDirectory(prefix="kosha-baseline-") as temporary:
        told = Path(temporary) / "texts.json"
        told.write_text(json.dumps(texts))
        runtime = next((ROOT / ".venv/lib").glob("python*/site-packages"))
        paths = [ROOT, ROOT / "layers/kosha/python"]
        # the runtime's packages come after those of .venv-bench
        boot = f"import sys, runpy; sys.path.append({str(runtime)!r}); "
        boot += "runpy.run_module('bench.baseline_app', run_name='__main__', alter_sys=True)"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
        with started([str(PYTHON), "-c", boot, f"{temporary}/data", model_url, str(told)], environment) as line:
            yield Baseline(json.loads(line)["url"])
