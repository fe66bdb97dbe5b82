"""`kosha serve` on a directory that is taken, was left behind by a dead one, or is asked to stop."""

import asyncio
import os
import time
from pathlib import Path

import aiohttp
import psutil
from tests.journeys.listener import Heard, connected, heard_to_the_end
from tests.journeys.product import ModelServer, Product, has_ended, running, until

STOP_SECONDS = 8.0


def test_a_second_serve_on_the_same_directory_is_refused_and_told_by_whom(product: Product) -> None:
    second = product.run("serve", "--port", "0")
    assert second.returncode == 1
    assert f"pid {product.pid}" in second.stderr
    assert str(product.data) in second.stderr
    assert "choose another --data" in second.stderr
    assert product.run("token", "--user", "admin").returncode == 0, "the first one goes on"


def test_a_port_that_is_taken_is_refused_with_words(product: Product, tmp_path: Path) -> None:
    other = Product(tmp_path / "other")
    refused = other.run("serve", "--port", str(product.port))
    assert refused.returncode == 1
    assert f"Port {product.port}" in refused.stderr
    assert "--port" in refused.stderr


async def test_what_a_killed_serve_left_behind_is_no_obstacle(
    tmp_path: Path, model: ModelServer, http: aiohttp.ClientSession
) -> None:
    with running(tmp_path / "data", model) as product:
        left = product.kill_supervisor()
        until(lambda: all(map(has_ended, left)), "its children have gone after it")
        pid_file = product.data / "postgres" / "postmaster.pid"
        if pid_file.exists():
            _, *rest = pid_file.read_text().splitlines()
            pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")  # its pid was given to another program
        (product.data / "server.json").write_text('{"url": "http://127.0.0.1:1", "pid": 1}')
        product.start()
        async with http.get(f"{product.url}/api/health") as reply:
            assert reply.status == 200


async def test_sigterm_ends_every_process_quickly_in_the_middle_of_an_answer(
    tmp_path: Path, model: ModelServer, http: aiohttp.ClientSession
) -> None:
    with running(tmp_path / "data", model) as product:
        children = psutil.Process(product.pid).children(recursive=True)
        heard = Heard("What if it is stopped meanwhile?")
        async with connected(http, product.url, product.admin.token, heard) as connection:
            await connection.send(heard.run)
            async for _ in connection.frames():
                if heard.last >= 1:
                    break
            began = time.monotonic()
            assert await asyncio.to_thread(product.stop) == 0
            assert time.monotonic() - began < STOP_SECONDS
        assert all(map(has_ended, children))
        product.start()
        await heard_to_the_end(http, product, heard)  # the answer that was cut off is made anew
        assert not (product.data / "server.json").exists() or product.stop() == 0
        assert not (product.data / "server.json").exists()
