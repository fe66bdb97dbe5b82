"""What `kosha doctor` looks at: each check says how a part is and what to do about it."""

import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kosha.adapters.local.data_lock import holder_of
from kosha.adapters.local.embedded_postgres import EmbeddedPostgres
from kosha.adapters.local.weights import NoWeights, find_weights
from kosha.adapters.postgres.migrate import migrations
from kosha.errors import KoshaError
from kosha.ingestion.parsers import ocr
from kosha.wiring.local import LocalPorts, Records, embedded_postgres
from kosha.wiring.resources import ui_folder
from kosha.wiring.settings import Settings
from kosha_local.cli.output import size
from kosha_local.supervisor import running_server

SCARCE_BYTES = 2 * 10**9
TOO_LITTLE_BYTES = 200 * 10**6
EVERYBODY_ELSE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Check:
    """How one part is; `next_step` says what to do where it is not well."""

    name: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    next_step: str | None = None


def every_check(settings: Settings, port: int) -> Iterator[Check]:
    """Each check's outcome as soon as it is known."""
    looks: list[Callable[[], Iterator[Check]]] = [
        lambda: _data_directory(settings.data),
        lambda: _lock(settings.data),
        lambda: _database(settings),
        lambda: _embeddings(settings),
        _text_recognition,
        lambda: _disk(settings.data),
        lambda: _port(settings.data, port),
        _web_ui,
        lambda: _models(settings),
    ]
    for look in looks:
        yield from look()


def _data_directory(data: Path) -> Iterator[Check]:
    name = "data directory"
    if not data.exists():
        parent = _nearest(data)
        if os.access(parent, os.W_OK | os.X_OK):
            yield Check(name, "ok", f"{data} is not there yet; `kosha serve` makes it")
        else:
            yield Check(name, "fail", f"{data} cannot be made: {parent} is not writable", "Choose another with --data.")
        return
    found = data.stat()
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        step = f"Run kosha as the user {found.st_uid}, who owns it, or choose another with --data."
        yield Check(name, "fail", f"{data} cannot be read and written by this user ({os.geteuid()})", step)
    elif found.st_mode & EVERYBODY_ELSE:
        rights = stat.filemode(found.st_mode)
        yield Check(name, "warn", f"{data} is open to other users ({rights})", f"chmod 700 {data}")
    else:
        yield Check(name, "ok", str(data))


def _lock(data: Path) -> Iterator[Check]:
    pid = holder_of(data)
    if pid is None:
        yield Check("server", "ok", "none runs on this data directory")
    elif url := running_server(data):
        yield Check("server", "ok", f"runs at {url} (pid {pid})")
    else:
        yield Check("server", "warn", f"process {pid} uses the data directory and serves nothing", "Wait for its end.")


def _database(settings: Settings) -> Iterator[Check]:
    """PostgreSQL and its schema; started for the moment where it does not run, in a passing folder where none is."""
    began = time.monotonic()
    is_there = (settings.data / "postgres").exists()
    with ExitStack() as stack:
        try:
            if not is_there:
                passing = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kosha-")))
                stack.enter_context(EmbeddedPostgres(passing, holder="kosha doctor"))
                yield Check("PostgreSQL", "ok", f"starts on this machine ({time.monotonic() - began:.1f} s)")
                return
            if is_started := holder_of(settings.data) is None:
                stack.enter_context(embedded_postgres(settings, holder="kosha doctor"))
            records = stack.enter_context(Records(settings))
            version, schema = records.database.run(
                lambda connection: (
                    connection.info.server_version,
                    connection.execute("select max(version) from kosha.migrations").fetchone(),
                )
            )
        except KoshaError as error:
            log = settings.data / "log" / "postgres.log"
            yield Check(
                "PostgreSQL",
                "fail",
                str(error),
                f"Its messages are in {log}; a backup is brought back by: kosha restore",
            )
            return
        how = "starts" if is_started else "runs"
        yield Check("PostgreSQL", "ok", f"{version // 10_000}.{version % 10_000} {how} and answers")
        yield _schema(int(schema[0]) if schema else 0)


def _schema(present: int) -> Check:
    known = len(migrations())
    if present > known:
        step = "Use the newer version of Kosha that wrote it."
        return Check("schema", "fail", f"version {present} is newer than this program, which knows {known}", step)
    if present < known:
        return Check("schema", "ok", f"version {present}; `kosha serve` brings it to {known}")
    return Check("schema", "ok", f"version {present}, the newest")


def _embeddings(settings: Settings) -> Iterator[Check]:
    found = find_weights(folder=settings.minilm_folder, cache=settings.data / "models", may_download=False)
    if isinstance(found, NoWeights):
        yield Check("embeddings", "warn", f"keyword search answers alone. {found.reason}", "Bring the weights as said.")
    else:
        yield Check("embeddings", "ok", f"weights from {found.source}, hashes right")


def _text_recognition() -> Iterator[Check]:
    how = "scans and pictures are read" if ocr.is_installed() else f"not installed (optional): {ocr.HOW_TO_INSTALL}"
    yield Check("text recognition", "ok", how)


def _disk(data: Path) -> Iterator[Check]:
    free_bytes = shutil.disk_usage(_nearest(data)).free
    detail = f"{size(free_bytes)} free"
    if free_bytes < TOO_LITTLE_BYTES:
        yield Check(
            "disk", "fail", detail, f"Free at least {size(TOO_LITTLE_BYTES)}, or choose another disk with --data."
        )
    elif free_bytes < SCARCE_BYTES:
        yield Check("disk", "warn", detail, "Free some space before you bring in more documents.")
    else:
        yield Check("disk", "ok", detail)


def _port(data: Path, port: int) -> Iterator[Check]:
    url = running_server(data)
    if url is not None and url.endswith(f":{port}"):
        yield Check("port", "ok", f"{port} is this data directory's server")
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            step = "Choose another with --port, or stop what uses it."
            yield Check("port", "warn", f"{port} cannot be used ({error.strerror})", step)
        else:
            yield Check("port", "ok", f"{port} is free")


def _web_ui() -> Iterator[Check]:
    page = ui_folder() / "index.html"
    if page.is_file():
        yield Check("web UI", "ok", "built")
    else:
        yield Check(
            "web UI", "warn", f"not built: {page} is missing", "In the repository: make run. The command line works."
        )


def _models(settings: Settings) -> Iterator[Check]:
    """Which models answer; a configured server that is silent is a failure, one that is only looked for is not."""
    with tempfile.TemporaryDirectory(
        prefix="kosha-"
    ) as passing:  # ports make what they need, and doctor changes nothing
        models = LocalPorts(settings.model_copy(update={"data": Path(passing)})).chat_models.list()
    for model in models:
        if not model.available:
            step = "Start it, or correct OPENAI_BASE_URL and OPENAI_API_KEY."
            yield Check("models", "fail", f"{model.label}: {model.reason}", step)
    default, *others = [f"{model.provider}/{model.name}" for model in models if model.available]
    yield Check(
        "models",
        "ok",
        f"{default} answers by default; {len(others)} more" + (f": {', '.join(others[:8])}" if others else ""),
    )


def _nearest(path: Path) -> Path:
    """The path, or the first folder above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())
