"""People and their tokens where a user pool of Cognito has them."""

import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, Protocol, get_args

import jwt
from botocore.exceptions import ClientError

from kosha.adapters.aws.cognito_keys import ALGORITHM, Fetch, PoolKeys, fetch
from kosha.adapters.aws.errors import code_of, told_as_ours
from kosha.adapters.aws.remembered import Remembered
from kosha.adapters.cursors import read_cursor, write_cursor
from kosha.errors import NotFound, NotInThisVersion, Unauthorized
from kosha.model.connection import Authorisation
from kosha.model.page import Page, PageOf
from kosha.model.user import Account, Caller, Role, User

# Who is signed out is out within a minute also where a gateway keeps our verdict of a call for 20 s (stacks/api.py):
# 30 + 20 s as a rule, 40 + 20 s while the pool is busy. A frame of a socket is asked about each time: 30 s, or 40.
FRESH_SECONDS = 30.0
USABLE_SECONDS = 40.0
_ANSWERS_FOR_ITSELF = "aws.cognito.signin.user.admin"  # the scope of access tokens that GetUser takes
_OUT = frozenset(
    ["NotAuthorizedException", "UserNotFoundException", "PasswordResetRequiredException", "UserNotConfirmedException"]
)
_USER_ID = re.compile(r"[A-Za-z0-9-]{1,128}")  # nothing that a filter of ListUsers reads as more
_LONGEST_NAME = 128
_PEOPLE_SECONDS = 60.0
_FOREIGN = "The access token is not one of ours. Sign in again."


class Cognito(Protocol):
    """`boto3.client("cognito-idp")`."""

    @property
    def meta(self) -> Any: ...
    def get_user(self, **request: Any) -> dict[str, Any]: ...
    def admin_get_user(self, **request: Any) -> dict[str, Any]: ...
    def admin_list_groups_for_user(self, **request: Any) -> dict[str, Any]: ...
    def list_users(self, **request: Any) -> dict[str, Any]: ...
    def list_users_in_group(self, **request: Any) -> dict[str, Any]: ...


class CognitoTokens:
    """Fits port `Tokens`: access and id tokens of one app client of one pool. Groups are roles.

    A signature says who somebody was; whether they still are is asked of the pool, once in FRESH_SECONDS for each token
    (each person) and function instance, and while the pool is busy its last word holds for USABLE_SECONDS:

    - an access token with the scope aws.cognito.signin.user.admin (every sign-in by SRP or password has it): GetUser
      with the token itself, which needs no IAM right. It fails for who was disabled, deleted or signed out everywhere,
      and where the token's refresh token was revoked. `Authorisation.token_id` is the token then: no other name of it
      can be asked for, so who keeps an authorisation keeps it as a secret;
    - an id token, or an access token without that scope: AdminGetUser, which tells who was disabled or deleted.
      Cognito tells nobody that an id token's owner signed out: such a token is good until it ends.

    Both calls cost nothing but a part of the pool's quota of reads (120 a second unless raised).
    """

    def __init__(
        self,
        client: Cognito,
        *,
        pool_id: str,
        client_id: str,
        fetch: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id
        self._issuer = issuer_of(pool_id)
        self._keys = PoolKeys(_keys_url(client, pool_id), fetch=fetch, clock=clock)
        self._clock = clock
        times = {"fresh_seconds": FRESH_SECONDS, "usable_seconds": USABLE_SECONDS}
        self._tokens = Remembered(self._takes, **times, clock=clock)
        self._people = Remembered(self._enabled_id, **times, clock=clock)

    def verify(self, token: str) -> Caller:
        """Raises Unauthorized when it is malformed, expired, revoked or of a user who is gone; Unavailable."""
        return self.authorise(token).caller

    def authorise(self, token: str) -> Authorisation:
        """As `verify`: what to keep, to ask again later without the token."""
        claims = self._claims(token)
        match claims:
            case {"token_use": "access", "client_id": self._client_id, "username": str(name)}:
                answers = _ANSWERS_FOR_ITSELF in str(claims.get("scope", "")).split()
            case {"token_use": "id", "aud": self._client_id, "cognito:username": str(name)}:
                answers = False
            case _:
                raise Unauthorized(_FOREIGN)
        return self._still_good(
            Authorisation(
                user=User(id=claims["sub"], name=name, roles=_roles(claims.get("cognito:groups", []))),
                token_id=token if answers else str(claims["jti"]),
                issued_at=claims["iat"],
                expires_at=claims["exp"],
            )
        )

    def confirm(self, authorisation: Authorisation) -> Caller:
        """Raises Unauthorized when it has expired, was revoked (within a minute), or its user is gone; Unavailable."""
        return self._still_good(authorisation).caller

    def _still_good(self, authorisation: Authorisation) -> Authorisation:
        if authorisation.expires_at <= self._clock():
            raise Unauthorized("The sign-in has expired. Refresh it, or sign in again.")
        token_id, user = authorisation.token_id, authorisation.user
        is_token = token_id.count(".") == 2
        if not (self._tokens.get(token_id) if is_token else self._people.get(user.name) == user.id):
            raise Unauthorized("This sign-in has been revoked. Sign in again.")
        return authorisation

    def _claims(self, token: str) -> dict[str, Any]:
        """Of a token that the pool has signed. Raises Unauthorized."""
        try:
            key = self._keys.of(str(jwt.get_unverified_header(token).get("kid")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                # The times are ours to check: by our clock, and `iat` may be a second ahead. So is who it is for.
                options={
                    "require": ["sub", "iss", "token_use", "exp", "iat", "jti"],
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            claims |= {name: int(claims[name]) for name in ("iat", "exp")}
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise Unauthorized(_FOREIGN) from error
        return claims

    def _takes(self, token: str) -> bool:
        """Whether the pool itself still takes this access token."""
        with told_as_ours("check the sign-in"):
            return _found(self._client.get_user, AccessToken=token) is not None

    def _enabled_id(self, name: str) -> str | None:
        """The id of who has that name and may sign in."""
        with told_as_ours("check the sign-in"):
            found = _found(self._client.admin_get_user, UserPoolId=self._pool_id, Username=name)
        return _id(found["UserAttributes"]) if found and found["Enabled"] else None


class CognitoUsers:
    """Fits port `Users` as far as it reads; people are managed in the pool itself.

    What is told of a person may be a minute old. Every call raises Unavailable where the pool is busy or away.
    Who leaves the pool has no access any more; their grants stay until `forget_user` of the workspaces is told,
    for which `everybody` tells who is left.
    """

    managed_here = False

    def __init__(self, client: Cognito, pool_id: str, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._pool_id = pool_id
        times = {"fresh_seconds": _PEOPLE_SECONDS, "usable_seconds": _PEOPLE_SECONDS}
        self._by_id = Remembered(self._read, **times, clock=clock)
        self._all = Remembered(lambda _: self.everybody(), **times, clock=clock)

    def get(self, user_id: str) -> User:
        """Raises NotFound."""
        return self._by_id.get(user_id)

    def named(self, name: str) -> User:
        """By the name or the e-mail address they sign in with. Raises NotFound."""
        found = None
        if name.isprintable() and 0 < len(name) <= _LONGEST_NAME and " " not in name:
            with told_as_ours("look a person up"):
                found = _found(self._client.admin_get_user, UserPoolId=self._pool_id, Username=name)
        if found is None:
            raise NotFound("user", name)
        return self._user(found["Username"], found["UserAttributes"])

    def list(self, page: PageOf) -> Page[User]:
        """By name: Cognito knows no order, so everybody is read, a call for 60, and kept for a minute.

        Raises Invalid for a malformed cursor.
        """
        everybody = self._all.get("")
        start = bisect_right(everybody, read_cursor(page.cursor), key=_place) if page.cursor is not None else 0
        end = start + page.limit
        items = everybody[start:end]
        return Page(items, write_cursor(*_place(items[-1])) if end < len(everybody) else None)

    def everybody(self) -> "list[User]":  # quoted: `list` is a method here
        """By name, as the pool has them now; those too who may not sign in at present."""
        with told_as_ours("list the people"):
            groups: dict[str, frozenset[str]] = {role: frozenset(self._members(role)) for role in get_args(Role)}
            people = [
                User(id=_id(told["Attributes"]), name=told["Username"], roles=_roles_in(groups, told["Username"]))
                for told in self._paged(self._client.list_users, "Users", "PaginationToken")
            ]
        return sorted(people, key=_place)

    def account(self, name: str) -> Account:  # noqa: ARG002 # the port has it
        """Refuses: the pool has the passwords."""
        _refuse()

    def add(self, account: Account) -> None:  # noqa: ARG002 # the port has it
        """Refuses."""
        _refuse()

    def set_roles(self, user_id: str, roles: Sequence[Role]) -> User:  # noqa: ARG002 # the port has it
        """Refuses: roles are groups of the pool."""
        _refuse()

    def set_password(self, user_id: str, password_hash: str) -> None:  # noqa: ARG002 # the port has it
        """Refuses."""
        _refuse()

    def remove(self, user_id: str) -> None:  # noqa: ARG002 # the port has it
        """Refuses."""
        _refuse()

    def _read(self, user_id: str) -> User:
        told: dict[str, Any] = {}
        if _USER_ID.fullmatch(user_id):
            with told_as_ours("look a person up"):
                told = self._client.list_users(UserPoolId=self._pool_id, Filter=f'sub = "{user_id}"', Limit=1)
        if not told.get("Users"):
            raise NotFound("user", user_id)
        [found] = told["Users"]
        return self._user(found["Username"], found["Attributes"])

    def _user(self, name: str, attributes: Iterable[dict[str, str]]) -> User:
        with told_as_ours("look a person up"):
            groups = self._paged(self._client.admin_list_groups_for_user, "Groups", "NextToken", Username=name)
            return User(id=_id(attributes), name=name, roles=_roles(group["GroupName"] for group in groups))

    def _members(self, group: str) -> Iterator[str]:
        """Their names; none of a group that the pool has not."""
        try:
            for told in self._paged(self._client.list_users_in_group, "Users", "NextToken", GroupName=group):
                yield told["Username"]
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise

    def _paged(
        self, call: Callable[..., dict[str, Any]], what: str, cursor: str, **request: Any
    ) -> Iterator[dict[str, Any]]:
        """All of a list that Cognito tells in slices of 60."""
        place: dict[str, str] = {}
        while True:
            told = call(UserPoolId=self._pool_id, Limit=60, **request, **place)
            yield from told[what]
            if cursor not in told:
                return
            place = {cursor: told[cursor]}


def issuer_of(pool_id: str) -> str:
    """What a pool's tokens say of where they come from, also those of an emulated pool."""
    region = pool_id.partition("_")[0]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://cognito-idp.{region}.{suffix}/{pool_id}"


def _keys_url(client: Cognito, pool_id: str) -> str:
    """Where the pool publishes its keys: beside its issuer, or beside the API where that is not Amazon's."""
    endpoint = str(client.meta.endpoint_url)
    base = issuer_of(pool_id) if ".amazonaws.com" in endpoint else f"{endpoint}/{pool_id}"
    return f"{base}/.well-known/jwks.json"


def _found(call: Callable[..., dict[str, Any]], **request: Any) -> dict[str, Any] | None:
    """The reply; None where Cognito does not know them, or does not let them in."""
    try:
        return call(**request)
    except ClientError as error:
        if code_of(error) in _OUT:
            return None
        raise


def _roles(groups: Iterable[str]) -> tuple[Role, ...]:
    """Whoever is in none of our groups is a user."""
    told = frozenset(groups)
    roles: tuple[Role, ...] = tuple(role for role in get_args(Role) if role in told)
    return roles or ("user",)


def _roles_in(groups: Mapping[str, frozenset[str]], name: str) -> tuple[Role, ...]:
    """groups: names of members by group."""
    return _roles(group for group, members in groups.items() if name in members)


def _id(attributes: Iterable[dict[str, str]]) -> str:
    return next(attribute["Value"] for attribute in attributes if attribute["Name"] == "sub")


def _place(user: User) -> tuple[str, str]:
    return user.name, user.id


def _refuse() -> NoReturn:
    raise NotInThisVersion(
        "People are managed in the user pool of this deployment, with their passwords and roles (its groups): "
        "in the console of Amazon Cognito, or with the AWS CLI."
    )
