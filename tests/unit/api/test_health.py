"""What the product says about itself, and what it says when the world is at fault."""

from types import SimpleNamespace
from typing import Any, cast

from tests.house.machine import Machine, Reply

from kosha import __version__
from kosha.api.resolver import Api
from kosha.errors import TooManyRequests, Unavailable
from kosha.model.user import Caller, User
from kosha.ports import Health

ADA = Caller(user=User(id="u", name="ada"), expires_at=4_000_000_000)


def answer(path: str, **parts: Any) -> Reply:
    """What an API over these parts alone answers."""
    machine = Machine.__new__(Machine)
    machine.api = Api(cast("Any", SimpleNamespace(**parts)))
    return machine.call("GET", path, by=ADA)


def test_all_well_is_200() -> None:
    reply = answer("/health", health=lambda: {"database": Health("ok")})
    assert reply.status == 200
    assert reply.json == {"status": "ok", "version": __version__, "components": {"database": {"status": "ok"}}}


def test_a_part_that_limps_is_told_but_the_product_answers() -> None:
    reply = answer("/health", health=lambda: {"embeddings": Health("degraded", "no weights")})
    assert (reply.status, reply.json["status"]) == (200, "degraded")
    assert reply.json["components"]["embeddings"]["detail"] == "no weights"


def test_a_part_that_is_down_is_503() -> None:
    reply = answer("/health", health=lambda: {"database": Health("down", "does not answer")})
    assert (reply.status, reply.json["status"]) == (503, "degraded")


def failing(error: Exception) -> Any:
    def fail() -> None:
        raise error

    return SimpleNamespace(list=fail)


def test_a_world_at_fault_is_503_and_says_when_to_come_back() -> None:
    reply = answer("/llms", chat_models=failing(Unavailable("The database does not answer.")))
    assert reply.status == 503
    assert reply.json["detail"] == "The database does not answer."
    assert int(reply.headers["Retry-After"]) > 0


def test_somebody_who_is_throttled_is_told_for_how_long() -> None:
    reply = answer("/llms", chat_models=failing(TooManyRequests("Too many.", 17)))
    assert (reply.status, reply.headers["Retry-After"]) == (429, "17")
