"""Access tokens: what is in them, and when they are good no more."""

import stat
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.house.clock import Clock

from kosha.adapters.local.signing_key import SigningKey
from kosha.adapters.local.tokens import JwtTokens
from kosha.errors import NotFound, Unauthorized
from kosha.model.user import Account, Role, User
from kosha.ports import Users

ADA = User(id="7b0f3a52-0000-4000-8000-000000000001", name="ada", roles=("manager",))


class People:
    """The part of `Users` that tokens look at."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}

    def has(self, user: User, *, valid_after: int = 0) -> None:
        self.accounts[user.name] = Account.model_validate(
            {"user": user, "valid_after": valid_after, "created_at": "2026-11-20T00:00:00Z"}
        )

    def account(self, name: str) -> Account:
        try:
            return self.accounts[name]
        except KeyError:
            raise NotFound("user", name) from None


@pytest.fixture
def clock() -> Clock:
    return Clock(1_800_000_000.0)


@pytest.fixture
def people() -> People:
    people = People()
    people.has(ADA)
    return people


@pytest.fixture
def tokens(tmp_path: Path, people: People, clock: Clock) -> JwtTokens:
    return JwtTokens(tmp_path / "keys", as_users(people), clock=clock)


def as_users(people: People) -> Users:
    return people  # type: ignore[return-value]


def test_a_token_tells_who_and_until_when(tokens: JwtTokens, clock: Clock) -> None:
    token, seconds = tokens.issue(ADA)
    caller = tokens.verify(token)
    assert caller.user == ADA
    assert seconds == 3600
    assert caller.expires_at == int(clock.now) + 3600
    assert jwt.decode(token, options={"verify_signature": False}).keys() == {
        "sub",
        "name",
        "roles",
        "iat",
        "exp",
        "jti",
    }


def test_anybody_can_check_a_token_with_the_published_keys(tokens: JwtTokens) -> None:
    token, _ = tokens.issue(ADA)
    [key] = jwt.PyJWKSet.from_dict(tokens.jwks()).keys
    assert key.key_id == jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(token, key.key, algorithms=["EdDSA"], options={"verify_exp": False, "verify_iat": False})
    assert claims["sub"] == ADA.id
    assert "d" not in tokens.jwks()["keys"][0]


def test_an_expired_token_is_refused(tokens: JwtTokens, clock: Clock) -> None:
    token, _ = tokens.issue(ADA, lifetime_seconds=60)
    clock.now += 60
    with pytest.raises(Unauthorized, match="expired"):
        tokens.verify(token)


def test_a_token_signed_by_another_key_is_refused(
    tokens: JwtTokens, tmp_path: Path, people: People, clock: Clock
) -> None:
    token, _ = JwtTokens(tmp_path / "elsewhere", as_users(people), clock=clock).issue(ADA)
    with pytest.raises(Unauthorized):
        tokens.verify(token)


def test_a_token_without_a_signature_is_refused(tokens: JwtTokens) -> None:
    claims = jwt.decode(tokens.issue(ADA)[0], options={"verify_signature": False})
    with pytest.raises(Unauthorized):
        tokens.verify(jwt.encode(claims, None, algorithm="none"))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(tokens: JwtTokens) -> None:
    claims = jwt.decode(tokens.issue(ADA)[0], options={"verify_signature": False})
    with pytest.raises(Unauthorized):
        tokens.verify(jwt.encode(claims, str(tokens.jwks()["keys"][0]["x"]), algorithm="HS256"))


@given(text=st.text(max_size=60))
def test_what_is_no_token_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    tokens = JwtTokens(tmp_path_factory.getbasetemp() / "one-key", as_users(People()))
    with pytest.raises(Unauthorized):
        tokens.verify(text)


def test_a_removed_user_is_out_at_the_next_call(tokens: JwtTokens, people: People) -> None:
    token, _ = tokens.issue(ADA)
    tokens.verify(token)
    del people.accounts["ada"]
    with pytest.raises(Unauthorized, match="revoked"):
        tokens.verify(token)


def test_somebody_else_of_the_same_name_is_not_the_one_who_was_removed(tokens: JwtTokens, people: People) -> None:
    token, _ = tokens.issue(ADA)
    people.has(ADA.model_copy(update={"id": "another"}))
    with pytest.raises(Unauthorized):
        tokens.verify(token)


def test_tokens_voided_by_a_new_password_are_refused_and_newer_ones_hold(
    tokens: JwtTokens, people: People, clock: Clock
) -> None:
    old, _ = tokens.issue(ADA)
    people.has(ADA, valid_after=int(clock.now))
    new, _ = tokens.issue(ADA)
    assert tokens.verify(new).user == ADA
    with pytest.raises(Unauthorized):
        tokens.verify(old)


def test_a_changed_role_holds_for_tokens_given_before(tokens: JwtTokens, people: People) -> None:
    token, _ = tokens.issue(ADA)
    roles: tuple[Role, ...] = ("user",)
    people.has(ADA.model_copy(update={"roles": roles}))
    assert tokens.verify(token).user.roles == roles


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = SigningKey(tmp_path / "keys"), SigningKey(tmp_path / "keys")
    assert first.id == second.id
    path = tmp_path / "keys" / "signing.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["signing.pem"]
