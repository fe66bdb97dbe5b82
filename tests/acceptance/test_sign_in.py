"""Sign-in on one machine, and tokens that are none on both."""

from uuid import uuid4

import jwt
import pytest
from tests.acceptance.client import Reply, User
from tests.acceptance.target import Target


@pytest.fixture
async def somebody(admin: User, target: Target) -> "Somebody":
    """A new user with a password; PROTOCOL.md has /auth/* on one machine only, on AWS the user pool signs people in."""
    if not target.is_one_machine:
        pytest.skip("one machine only; see test_on_aws_nobody_signs_in_here")
    one = Somebody(admin, target.url)
    reply = await admin.post("users", {"userName": one.name, "password": one.password, "roles": ["user"]})
    assert reply.status == 201, reply.text
    return one


class Somebody:
    """A user who signs in."""

    def __init__(self, via: User, url: str) -> None:
        self.name = f"user-{uuid4().hex[:8]}"
        self.password = "a fine long password"
        self._via = via
        self._url = url

    async def auth(self, way: str, body: object, token: str | None = None) -> Reply:
        """A call under /auth."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._via.raw(
            "POST", f"{self._url}/auth/{way}", json_body=body, headers=headers, is_signed_in=False
        )

    async def login(self) -> Reply:
        """By password."""
        return await self.auth("login", {"username": self.name, "password": self.password})

    async def me(self, token: str) -> Reply:
        """What an access token is good for."""
        url, headers = f"{self._url}/api/me", {"Authorization": f"Bearer {token}"}
        return await self._via.raw("GET", url, headers=headers, is_signed_in=False)


async def test_on_aws_nobody_signs_in_here(admin: User, target: Target) -> None:
    if target.is_one_machine:
        pytest.skip("one machine signs people in itself; `make deploy-emulated` runs this")
    for way in ("login", "exchange", "refresh", "logout", "password"):
        reply = await admin.raw("POST", f"{target.url}/auth/{way}", json_body={}, is_signed_in=False)
        assert reply.status in (403, 404, 405), way


async def test_a_password_signs_its_user_in(somebody: Somebody) -> None:
    reply = await somebody.login()
    assert reply.status == 200, reply.text
    assert reply.body["user"]["name"] == somebody.name
    assert reply.body["user"]["roles"] == ["user"]
    assert reply.body["expiresIn"] > 0
    assert (await somebody.me(reply.body["accessToken"])).body["user"]["name"] == somebody.name


async def test_a_wrong_password_and_an_unknown_name_get_the_same_refusal(somebody: Somebody) -> None:
    wrong = await somebody.auth("login", {"username": somebody.name, "password": "not the password"})
    unknown = await somebody.auth("login", {"username": f"nobody-{uuid4().hex}", "password": "not the password"})
    assert wrong.status == unknown.status == 401
    assert wrong.body["detail"] == unknown.body["detail"]


async def test_a_sign_in_link_is_good_once(somebody: Somebody, target: Target) -> None:
    if target.used_one_time_token is None:
        pytest.skip("only of a server that we started is the link known")
    reply = await somebody.auth("exchange", {"oneTimeToken": target.used_one_time_token})
    assert reply.status == 401, reply.text


async def test_a_refresh_token_is_good_once(somebody: Somebody) -> None:
    first = (await somebody.login()).body
    second = await somebody.auth("refresh", {"refreshToken": first["refreshToken"]})
    assert second.status == 200, second.text
    assert second.body["refreshToken"] != first["refreshToken"]
    assert (await somebody.me(second.body["accessToken"])).status == 200
    assert (await somebody.auth("refresh", {"refreshToken": first["refreshToken"]})).status == 401


async def test_after_logging_out_the_refresh_token_is_void(somebody: Somebody) -> None:
    signed_in = (await somebody.login()).body
    assert (await somebody.auth("logout", {"refreshToken": signed_in["refreshToken"]})).status in (200, 204)
    assert (await somebody.auth("refresh", {"refreshToken": signed_in["refreshToken"]})).status == 401


async def test_a_new_password_needs_the_old_one_and_replaces_it(somebody: Somebody) -> None:
    token = (await somebody.login()).body["accessToken"]
    refused = await somebody.auth("password", {"old": "a guess", "new": "another long password"}, token)
    assert refused.status in (400, 401, 403), refused.text
    changed = await somebody.auth("password", {"old": somebody.password, "new": "another long password"}, token)
    assert changed.status in (200, 204), changed.text
    assert (await somebody.login()).status == 401
    somebody.password = "another long password"
    assert (await somebody.login()).status == 200


async def test_a_token_can_be_checked_with_the_published_keys(somebody: Somebody, target: Target, admin: User) -> None:
    token = (await somebody.login()).body["accessToken"]
    keys = (await admin.raw("GET", f"{target.url}/auth/jwks.json", is_signed_in=False)).body
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key.key, algorithms=["EdDSA", "RS256"], options={"verify_iat": False})
    assert claims["exp"] > 0


async def test_a_removed_user_is_out(somebody: Somebody, admin: User) -> None:
    signed_in = (await somebody.login()).body
    assert (await admin.delete(f"users/{somebody.name}")).status in (200, 204)
    assert (await somebody.login()).status == 401
    assert (await somebody.auth("refresh", {"refreshToken": signed_in["refreshToken"]})).status == 401


@pytest.mark.parametrize("token", ["", "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
async def test_a_bad_token_is_401_everywhere(token: str, target: Target, admin: User) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for path in ("me", "workspaces", "sessions", "llms", f"stream/{uuid4()}"):
        reply = await admin.raw("GET", f"{target.url}/api/{path}", headers=headers, is_signed_in=False)
        assert reply.status == 401, path
        assert reply.headers["content-type"].startswith("application/problem+json"), path


async def test_an_unknown_field_in_a_sign_in_is_refused(somebody: Somebody) -> None:
    reply = await somebody.auth("login", {"username": somebody.name, "password": somebody.password, "admin": True})
    assert reply.status == 422
