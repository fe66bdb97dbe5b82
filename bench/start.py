"""How long a start takes, how much memory the idle product holds, and how large its installation is.

The first start makes the database; later ones find it. Memory is PSS (shared pages counted once) of every process,
five seconds after the last start. Prints JSON.
"""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp
import psutil

from bench.product import ROOT, kosha

LATER_STARTS = 5
IDLE_SECONDS = 5


async def first_reply(url: str) -> None:
    """Until the health page says that the product can answer."""
    async with aiohttp.ClientSession() as client, client.get(f"{url}/api/health") as reply:
        reply.raise_for_status()


def started_in(data: Path) -> float:
    """Seconds from the command to a healthy reply."""
    began = time.perf_counter()
    with kosha(data=data, sign_in=False) as server:
        asyncio.run(first_reply(server.url))
        return time.perf_counter() - began


def idle_memory_mb(data: Path) -> dict[str, float]:
    """PSS of each part in MB."""
    with kosha(data=data, sign_in=False) as server:
        asyncio.run(first_reply(server.url))
        time.sleep(IDLE_SECONDS)
        told: dict[str, float] = {}
        supervisor = psutil.Process(server.pid)
        for process in [supervisor, *supervisor.children(recursive=True)]:
            told[_part(process)] = told.get(_part(process), 0) + process.memory_full_info().pss / 2**20
    return {part: round(megabytes, 1) for part, megabytes in told.items()} | {"total": round(sum(told.values()), 1)}


def _part(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    parts = {"kosha_local.server": "server", "kosha_local.worker": "worker", "postgres": "database"}
    return next((part for sign, part in parts.items() if sign in command), "supervisor")


def install_mb() -> float:
    """What `make setup` puts on the disk."""
    files = (path for path in (ROOT / ".venv").rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(path.stat().st_blocks * 512 for path in files) / 2**20, 1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kosha-bench-") as temporary:
        folder = Path(temporary) / "data"
        first = started_in(folder)
        later = [started_in(folder) for _ in range(LATER_STARTS)]
        print(
            json.dumps(
                {
                    "firstStartSeconds": round(first, 2),
                    "laterStartSeconds": round(statistics.median(later), 2),
                    "idleMemoryMb": idle_memory_mb(folder),
                    "installMb": install_mb(),
                },
                indent=2,
            )
        )
