"""Signing in over HTTP, as PROTOCOL.md has it."""

from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import pytest
from starlette.applications import Starlette
from tests.house.asgi import HttpReply, ask
from tests.house.machine import Machine

from kosha import users
from kosha.model.user import Caller
from kosha.sign_in.desk import Desk
from kosha_local.sign_in import BODY_LIMIT_BYTES, SignInDoor

PASSWORD = "correct horse battery"
Post = Callable[..., Awaitable[HttpReply]]


@pytest.fixture
def desk(machine: Machine) -> Desk:
    """A desk of its own: what one test's guesses slow down is nobody else's."""
    ports = machine.ports
    return Desk(ports.users, ports.passwords, ports.tokens, now=ports.now)


@pytest.fixture
def post(machine: Machine, desk: Desk) -> Post:
    tokens = machine.ports.tokens
    app = Starlette(routes=SignInDoor(desk, tokens, tokens.jwks()).routes())

    async def send(path: str, body: Any = None, *, method: str = "POST", **options: Any) -> HttpReply:
        return await ask(app, method, f"/auth/{path}", body, **options)

    return send


@pytest.fixture
def ada(machine: Machine) -> Caller:
    return machine.person("manager", password=PASSWORD)


def login_of(caller: Caller, password: str = PASSWORD) -> dict[str, str]:
    return {"username": caller.user.name, "password": password}


def assert_problem(reply: HttpReply, status: int) -> None:
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["status"] == status


async def test_a_name_and_its_password_sign_in(post: Post, machine: Machine, ada: Caller) -> None:
    reply = await post("login", login_of(ada))
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    signed_in = reply.json
    assert signed_in.keys() == {"accessToken", "refreshToken", "expiresIn", "user"}
    assert signed_in["user"] == {"id": ada.user.id, "name": ada.user.name, "roles": ["manager"]}
    assert machine.ports.tokens.verify(signed_in["accessToken"]).user == ada.user


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(post: Post, ada: Caller) -> None:
    wrong = await post("login", login_of(ada, "wrong password"))
    unknown = await post("login", {"username": "nobody-of-that-name", "password": "wrong password"})
    assert_problem(wrong, 401)
    assert_problem(unknown, 401)
    assert wrong.json["detail"] == unknown.json["detail"]


async def test_a_user_without_a_password_cannot_sign_in_by_one(post: Post, machine: Machine) -> None:
    assert_problem(await post("login", login_of(machine.person(), "")), 401)


async def test_guessing_is_slowed_down_also_for_the_right_password(post: Post, ada: Caller) -> None:
    for _ in range(5):
        await post("login", login_of(ada, "wrong password"))
    reply = await post("login", login_of(ada))
    assert_problem(reply, 429)
    assert int(reply.headers["retry-after"]) >= 1
    assert (await post("login", login_of(ada), address="10.0.0.2")).status == 200


async def test_a_refresh_token_is_good_once(post: Post, ada: Caller) -> None:
    first = (await post("login", login_of(ada))).json["refreshToken"]
    second = await post("refresh", {"refreshToken": first})
    assert second.status == 200
    assert second.json["refreshToken"] != first
    assert_problem(await post("refresh", {"refreshToken": first}), 401)


async def test_a_refresh_token_that_comes_twice_ends_every_sign_in_of_its_user(post: Post, ada: Caller) -> None:
    stolen = (await post("login", login_of(ada))).json["refreshToken"]
    kept = (await post("refresh", {"refreshToken": stolen})).json["refreshToken"]
    await post("refresh", {"refreshToken": stolen})
    assert_problem(await post("refresh", {"refreshToken": kept}), 401)


async def test_after_signing_out_the_refresh_token_is_good_for_nothing(post: Post, ada: Caller) -> None:
    token = (await post("login", login_of(ada))).json["refreshToken"]
    assert (await post("logout", {"refreshToken": token})).status == 204
    assert_problem(await post("refresh", {"refreshToken": token}), 401)


async def test_a_sign_in_link_is_good_once(post: Post, desk: Desk, ada: Caller) -> None:
    token = desk.one_time_token(ada.user)
    assert (await post("exchange", {"oneTimeToken": token})).json["user"]["id"] == ada.user.id
    assert_problem(await post("exchange", {"oneTimeToken": token}), 401)


async def test_a_sign_in_link_that_is_too_old_is_refused(post: Post, desk: Desk, ada: Caller) -> None:
    assert_problem(await post("exchange", {"oneTimeToken": desk.one_time_token(ada.user, seconds=-1)}), 401)


async def test_a_refresh_token_is_no_sign_in_link(post: Post, ada: Caller) -> None:
    token = (await post("login", login_of(ada))).json["refreshToken"]
    assert_problem(await post("exchange", {"oneTimeToken": token}), 401)


async def test_a_new_password_voids_the_old_one_and_every_token_but_gives_new_ones(
    post: Post, machine: Machine, ada: Caller
) -> None:
    before = (await post("login", login_of(ada))).json
    headers = {"Authorization": f"Bearer {before['accessToken']}"}
    reply = await post("password", {"old": PASSWORD, "new": "another long one"}, headers=headers)
    assert reply.status == 200
    assert machine.ports.tokens.verify(reply.json["accessToken"]).user.id == ada.user.id
    assert_problem(await post("refresh", {"refreshToken": before["refreshToken"]}), 401)
    assert_problem(await post("login", login_of(ada)), 401)
    assert (await post("login", login_of(ada, "another long one"))).status == 200


async def test_a_new_password_takes_the_old_one(post: Post, ada: Caller) -> None:
    token = (await post("login", login_of(ada))).json["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(await post("password", {"old": "wrong", "new": "another long one"}, headers=headers), 403)
    assert_problem(await post("password", {"old": PASSWORD, "new": "short"}, headers=headers), 422)
    assert_problem(await post("password", {"old": PASSWORD, "new": "another long one"}), 401)


async def test_somebody_who_came_by_a_link_sets_their_first_password(post: Post, desk: Desk, machine: Machine) -> None:
    bob = machine.person()
    signed_in = (await post("exchange", {"oneTimeToken": desk.one_time_token(bob.user)})).json
    headers = {"Authorization": f"Bearer {signed_in['accessToken']}"}
    assert (await post("password", {"old": "", "new": PASSWORD}, headers=headers)).status == 200
    assert (await post("login", login_of(bob))).status == 200


async def test_a_removed_user_can_neither_sign_in_nor_stay(post: Post, machine: Machine, ada: Caller) -> None:
    before = (await post("login", login_of(ada))).json
    users.remove(machine.person("admin"), ada.user.name, machine.ports)
    assert_problem(await post("login", login_of(ada)), 401)
    assert_problem(await post("refresh", {"refreshToken": before["refreshToken"]}), 401)


async def test_the_published_keys_check_our_tokens(post: Post, ada: Caller) -> None:
    token = (await post("login", login_of(ada))).json["accessToken"]
    reply = await post("jwks.json", method="GET")
    [key] = jwt.PyJWKSet.from_dict(reply.json).keys
    assert jwt.decode(token, key.key, algorithms=["EdDSA"])["sub"] == ada.user.id


@pytest.mark.parametrize("path", ["login", "exchange", "refresh", "logout", "password"])
async def test_what_cannot_be_read_is_refused_in_the_one_shape(post: Post, ada: Caller, path: str) -> None:
    token = (await post("login", login_of(ada))).json["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(await post(path, b"{", headers=headers), 400)
    assert_problem(await post(path, b"\xff", headers=headers), 400)
    assert_problem(await post(path, [], headers=headers), 422)
    assert_problem(await post(path, {"colour": "red"}, headers=headers), 422)
    assert_problem(await post(path, b"x" * (BODY_LIMIT_BYTES + 1), headers=headers), 413)
    form = {**headers, "content-type": "application/x-www-form-urlencoded"}
    assert_problem(await post(path, b"username=a", headers=form), 415)


def test_the_first_administrator_is_made_once_and_without_a_password(machine: Machine) -> None:
    first, again = users.first_administrator(machine.ports), users.first_administrator(machine.ports)
    assert first == again
    assert "admin" in first.roles
