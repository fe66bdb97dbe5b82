"""Tokens of a user pool: those that were forged, those of others, and those of people who are out by now."""

import base64
import json
import time
from typing import Any
from urllib.error import URLError

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.contracts.user_pool import UserPool
from tests.house.clock import Clock

from kosha.adapters.aws.cognito import CognitoTokens, issuer_of
from kosha.errors import Unauthorized, Unavailable

HOUR = 3600
Claims = dict[str, Any]


class Keys:
    """Where the pool's keys lie: `content` or, without, nothing answers."""

    def __init__(self, content: bytes) -> None:
        self.content: bytes | None = content
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.content is None:
            raise URLError("no route")
        return self.content


class Counted:
    """A client that notes its calls, and whose calls fail on demand."""

    def __init__(self, client: Any) -> None:
        self.calls: list[str] = []
        self.error: Exception | None = None
        self.meta = client.meta
        self._client = client

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.calls.append(name)
            if self.error:
                raise self.error
            return getattr(self._client, name)(**request)

        return call


@pytest.fixture
def pool(cognito: Any) -> UserPool:
    pool = UserPool(cognito)
    pool.add("ada", "manager", "choir")
    return pool


@pytest.fixture
def client(cognito: Any) -> Counted:
    return Counted(cognito)


@pytest.fixture
def keys(pool: UserPool) -> Keys:
    return Keys(pool.jwks)


@pytest.fixture
def clock() -> Clock:
    return Clock(time.time())


@pytest.fixture
def tokens(client: Counted, pool: UserPool, keys: Keys, clock: Clock) -> CognitoTokens:
    return CognitoTokens(client, pool_id=pool.id, client_id=pool.client_id, fetch=keys, clock=clock)


@pytest.fixture
def claims(pool: UserPool, clock: Clock) -> Claims:
    """Of an id token that is good: the pool's own word on its owner needs no token."""
    return {**_claims_of(pool.sign_in("ada")["IdToken"]), "exp": int(clock()) + HOUR}


def _claims_of(token: str) -> Claims:
    return jwt.decode(token, options={"verify_signature": False})


def _signed(claims: Claims, pool: UserPool, **headers: Any) -> str:
    return jwt.encode(claims, pool.signing_key, algorithm="RS256", headers={"kid": "dummy", **headers})


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_a_token_of_the_pool_tells_who_somebody_is(tokens: CognitoTokens, pool: UserPool, kind: str) -> None:
    token = pool.sign_in("ada")[kind]
    told = _claims_of(token)
    caller = tokens.verify(token)
    assert (caller.user.id, caller.user.name, caller.user.roles) == (told["sub"], "ada", ("manager",))
    assert caller.expires_at == told["exp"]
    authorisation = tokens.authorise(token)
    assert (authorisation.caller, authorisation.issued_at) == (caller, told["iat"])
    assert tokens.confirm(authorisation) == caller


def test_a_good_token_of_our_own_making_is_taken(tokens: CognitoTokens, pool: UserPool, claims: Claims) -> None:
    assert tokens.verify(_signed(claims, pool)).user.name == "ada"


def test_keys_are_fetched_over_https_from_the_issuer(tokens: CognitoTokens, pool: UserPool, keys: Keys) -> None:
    tokens.verify(pool.sign_in("ada")["IdToken"])
    assert keys.asked == [f"https://cognito-idp.eu-central-1.amazonaws.com/{pool.id}/.well-known/jwks.json"]


def test_an_emulator_has_the_keys_beside_its_api(client: Counted, pool: UserPool, keys: Keys) -> None:
    class Meta:
        endpoint_url = "http://127.0.0.1:4566"

    client.meta = Meta()
    tokens = CognitoTokens(client, pool_id=pool.id, client_id=pool.client_id, fetch=keys)
    tokens.verify(pool.sign_in("ada")["IdToken"])
    assert keys.asked == [f"http://127.0.0.1:4566/{pool.id}/.well-known/jwks.json"]


@pytest.mark.parametrize(
    ("pool_id", "issuer"),
    [
        ("eu-central-1_aB3", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_aB3"),
        ("cn-north-1_aB3", "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_aB3"),
    ],
)
def test_an_issuer_follows_from_its_pool(pool_id: str, issuer: str) -> None:
    assert issuer_of(pool_id) == issuer


def test_an_unsigned_token_is_refused(tokens: CognitoTokens, claims: Claims) -> None:
    for algorithm in ("none", "None", "NONE"):
        with pytest.raises(Unauthorized):
            tokens.verify(f"{_part({'alg': algorithm, 'kid': 'dummy'})}.{_part(claims)}.")


def test_a_token_signed_with_the_public_key_as_a_password_is_refused(
    tokens: CognitoTokens, pool: UserPool, claims: Claims
) -> None:
    public = pool.signing_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = f"{_part({'alg': 'HS256', 'kid': 'dummy', 'typ': 'JWT'})}.{_part(claims)}"
    for secret in (public, pool.jwks):
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), secret)
        with pytest.raises(Unauthorized):
            tokens.verify(f"{head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}")


def test_a_token_signed_by_somebody_else_is_refused(tokens: CognitoTokens, claims: Claims) -> None:
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for headers in ({"kid": "dummy"}, {"kid": "other"}, {}, {"kid": "dummy", "jku": "https://evil.test/jwks.json"}):
        with pytest.raises(Unauthorized):
            tokens.verify(jwt.encode(claims, foreign, algorithm="RS256", headers=headers))


def test_other_algorithms_of_the_same_key_are_refused(tokens: CognitoTokens, pool: UserPool, claims: Claims) -> None:
    for algorithm in ("RS512", "PS256"):
        with pytest.raises(Unauthorized):
            tokens.verify(jwt.encode(claims, pool.signing_key, algorithm=algorithm, headers={"kid": "dummy"}))


def test_a_tampered_token_is_refused(tokens: CognitoTokens, pool: UserPool, claims: Claims) -> None:
    head, _, signature = _signed(claims, pool).split(".")
    with pytest.raises(Unauthorized):
        tokens.verify(f"{head}.{_part({**claims, 'cognito:groups': ['admin']})}.{signature}")


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.é.é", "\ud800", "..", "e30.e30.", "a" * 20_000])
def test_what_is_no_token_is_refused(tokens: CognitoTokens, token: str) -> None:
    with pytest.raises(Unauthorized):
        tokens.verify(token)


def test_a_token_of_another_pool_is_refused(
    tokens: CognitoTokens, pool: UserPool, claims: Claims, cognito: Any
) -> None:
    other = UserPool(cognito)  # in moto both pools sign with one key: the issuer alone tells them apart
    other.add("ada", "admin")
    for token in other.sign_in("ada", other.client_id).values():
        with pytest.raises(Unauthorized):
            tokens.verify(str(token))
    for issuer in (issuer_of(other.id), f"{issuer_of(pool.id)}/", f"http://127.0.0.1:4566/{pool.id}", ""):
        with pytest.raises(Unauthorized):
            tokens.verify(_signed({**claims, "iss": issuer}, pool))


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_a_token_of_another_app_client_is_refused(tokens: CognitoTokens, pool: UserPool, kind: str) -> None:
    with pytest.raises(Unauthorized):
        tokens.verify(pool.sign_in("ada", pool.add_app_client())[kind])


@pytest.mark.parametrize(
    "changed",
    [
        {"token_use": "access"},
        {"token_use": "refresh"},
        {"token_use": None},
        {"aud": None},
        {"aud": ["several"]},
        {"sub": None},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"exp": "soon"},
        {"cognito:username": None},
    ],
)
def test_a_token_for_another_use_or_without_a_claim_is_refused(
    tokens: CognitoTokens, pool: UserPool, claims: Claims, changed: Claims
) -> None:
    forged = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    with pytest.raises(Unauthorized):
        tokens.verify(_signed(forged, pool))


def test_an_access_token_is_told_by_client_id_and_an_id_token_by_audience(
    tokens: CognitoTokens, pool: UserPool, claims: Claims
) -> None:
    without = {name: value for name, value in claims.items() if name != "aud"}
    for forged in (
        {**without, "client_id": pool.client_id},
        {**claims, "token_use": "access", "username": "ada"},
    ):
        with pytest.raises(Unauthorized):
            tokens.verify(_signed(forged, pool))
    access = {**without, "token_use": "access", "username": "ada", "client_id": pool.client_id}
    assert tokens.verify(_signed(access, pool)).user.name == "ada"


def test_a_token_that_is_over_is_refused_in_words(
    tokens: CognitoTokens, pool: UserPool, claims: Claims, clock: Clock
) -> None:
    token = _signed(claims, pool)
    authorisation = tokens.authorise(token)
    clock.pass_seconds(HOUR)
    for call in (lambda: tokens.verify(token), lambda: tokens.confirm(authorisation)):
        with pytest.raises(Unauthorized, match="expired"):
            call()


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
@pytest.mark.parametrize("act", ["admin_disable_user", "admin_delete_user"])
def test_who_was_disabled_or_deleted_is_out_within_half_a_minute(
    tokens: CognitoTokens, pool: UserPool, clock: Clock, kind: str, act: str
) -> None:
    token = pool.sign_in("ada")[kind]
    authorisation = tokens.authorise(token)
    getattr(pool.client, act)(UserPoolId=pool.id, Username="ada")
    clock.pass_seconds(30)
    for call in (lambda: tokens.verify(token), lambda: tokens.confirm(authorisation)):
        with pytest.raises(Unauthorized, match="revoked"):
            call()


def test_who_signed_out_everywhere_is_out_within_half_a_minute_also_in_an_open_socket(
    tokens: CognitoTokens, pool: UserPool, clock: Clock
) -> None:
    token = pool.sign_in("ada")["AccessToken"]
    authorisation = tokens.authorise(token)
    pool.client.admin_user_global_sign_out(UserPoolId=pool.id, Username="ada")
    clock.pass_seconds(30)
    for call in (lambda: tokens.verify(token), lambda: tokens.confirm(authorisation)):
        with pytest.raises(Unauthorized, match="revoked"):
            call()
    assert tokens.verify(pool.sign_in("ada")["AccessToken"]).user.name == "ada"


def test_somebody_new_of_the_same_name_is_not_who_left(tokens: CognitoTokens, pool: UserPool, clock: Clock) -> None:
    token = pool.sign_in("ada")["IdToken"]
    authorisation = tokens.authorise(token)
    pool.client.admin_delete_user(UserPoolId=pool.id, Username="ada")
    pool.add("ada", "admin")
    clock.pass_seconds(30)
    for call in (lambda: tokens.verify(token), lambda: tokens.confirm(authorisation)):
        with pytest.raises(Unauthorized, match="revoked"):
            call()


def test_the_pool_is_asked_once_in_half_a_minute(
    tokens: CognitoTokens, pool: UserPool, client: Counted, keys: Keys, clock: Clock
) -> None:
    told = pool.sign_in("ada")
    for _ in range(3):
        for kind in ("AccessToken", "IdToken"):
            tokens.confirm(tokens.authorise(told[kind]))
    assert client.calls == ["get_user", "admin_get_user"]
    clock.pass_seconds(30)
    tokens.verify(told["AccessToken"])
    assert client.calls == ["get_user", "admin_get_user", "get_user"]
    assert len(keys.asked) == 1


def test_while_the_pool_is_busy_its_last_word_holds_a_little_longer(
    tokens: CognitoTokens, pool: UserPool, client: Counted, clock: Clock
) -> None:
    token = pool.sign_in("ada")["AccessToken"]
    tokens.verify(token)
    client.error = pool.client.exceptions.TooManyRequestsException(
        {"Error": {"Code": "TooManyRequestsException", "Message": "Slow down."}}, "GetUser"
    )
    clock.pass_seconds(39)
    tokens.verify(token)
    clock.pass_seconds(1)
    with pytest.raises(Unavailable, match="check the sign-in"):
        tokens.verify(token)


def test_keys_that_a_pool_took_in_later_are_fetched_when_a_token_names_one(
    tokens: CognitoTokens, pool: UserPool, keys: Keys, claims: Claims, clock: Clock
) -> None:
    tokens.verify(_signed(claims, pool))
    keys.content = pool.jwks.replace(b'"dummy"', b'"rotated"')
    clock.pass_seconds(60)
    assert tokens.verify(_signed(claims, pool, kid="rotated")).user.name == "ada"
    assert len(keys.asked) == 2


def test_tokens_that_name_keys_of_their_own_invention_do_not_have_the_pool_asked_each_time(
    tokens: CognitoTokens, pool: UserPool, keys: Keys, claims: Claims
) -> None:
    for number in range(20):
        with pytest.raises(Unauthorized):
            tokens.verify(_signed(claims, pool, kid=f"invented-{number}"))
    assert len(keys.asked) == 1
    tokens.verify(_signed(claims, pool))


@pytest.mark.parametrize("content", [None, b"", b"<html>", b"[]", b"{}", b'{"keys": [{"kty": "RSA", "kid": "dummy"}]}'])
def test_a_pool_whose_keys_cannot_be_had_is_unavailable_and_asked_again_soon(
    tokens: CognitoTokens, pool: UserPool, keys: Keys, claims: Claims, clock: Clock, content: bytes | None
) -> None:
    token, keys.content = _signed(claims, pool), content
    for _ in range(3):
        with pytest.raises(Unavailable, match="does not answer"):
            tokens.verify(token)
    assert len(keys.asked) == 1
    keys.content = pool.jwks
    clock.pass_seconds(5)
    tokens.verify(token)


def test_known_keys_serve_while_the_pool_does_not_answer(
    tokens: CognitoTokens, pool: UserPool, keys: Keys, claims: Claims, clock: Clock
) -> None:
    tokens.verify(_signed(claims, pool))
    keys.content = None
    clock.pass_seconds(60)
    with pytest.raises(Unavailable):
        tokens.verify(_signed(claims, pool, kid="rotated"))
    tokens.verify(_signed(claims, pool))
