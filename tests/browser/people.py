"""The people of the browser tests, and what is there for them before a test begins: made through the REST API."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.acceptance.target import PASSWORD, Target

WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.1
SIGNED_IN_KEY = "kosha.signed-in"  # where the UI keeps what a sign-in gave it


@dataclass(frozen=True)
class Account:
    """Somebody with a token; `reply` is what their sign-in gave, for a browser that begins signed in."""

    url: str
    name: str
    token: str
    reply: dict[str, Any]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """`/api/` + path as this person; None where the reply has no body."""
        return _call(method, f"{self.url}/api/{path}", body, self.token)

    def workspace(self, name: str, texts: dict[str, str]) -> str:
        """The id of a new workspace whose texts, by title, are processed."""
        workspace_id = self.call("POST", "workspaces", {"name": name})["id"]
        documents = f"workspaces/{workspace_id}/documents"
        for title, content in texts.items():
            self.call("POST", f"{documents}/text", {"title": title, "content": content})

        def are_processed() -> bool:
            return all(one["status"] == "processed" for one in self.call("GET", documents)["items"])

        until(are_processed, "the texts are processed")
        return workspace_id

    def shares(self, workspace_id: str, user_name: str) -> None:
        """Make somebody a viewer."""
        self.call("PUT", f"workspaces/{workspace_id}/members/{user_name}", {"grant": "viewer"})

    @property
    def storage(self) -> dict[str, Any]:
        """A browser profile of Playwright's in which this person is signed in."""
        kept = {
            "accessToken": self.token,
            "refreshToken": self.reply["refreshToken"],
            "expiresAt": (time.time() + self.reply["expiresIn"]) * 1000,
            "user": self.reply["user"],
        }
        item = {"name": SIGNED_IN_KEY, "value": json.dumps(kept)}
        return {"cookies": [], "origins": [{"origin": self.url, "localStorage": [item]}]}


def newcomer(target: Target, roles: Iterable[str] = ("manager",)) -> Account:
    """A new user, who has nothing yet."""
    name = f"user-{uuid4().hex[:8]}"
    account = {"userName": name, "password": PASSWORD, "roles": list(roles)}
    _call("POST", f"{target.url}/api/users", account, target.people["admin"].token)
    return sign_in(target.url, name, PASSWORD)


def sign_in(url: str, name: str, password: str) -> Account:
    """Somebody who is there already."""
    reply = _call("POST", f"{url}/auth/login", {"username": name, "password": password})
    return Account(url, name, reply["accessToken"], reply)


def until(true: Callable[[], bool], what: str) -> None:
    """Returns as soon as it is so; for what no page shows. What a page shows, `expect` waits for."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited {WAIT_SECONDS:.0f} s in vain until {what}"
        time.sleep(LOOK_SECONDS)


def _call(method: str, url: str, body: Any, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as reply:
        text = reply.read()
    return json.loads(text) if text else None
