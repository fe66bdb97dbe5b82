"""The UI where a user pool of Cognito has the people: in the emulator, before the product's own pages."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from tests.acceptance.target import Target
from tests.browser.conftest import Opens
from tests.browser.user_pool import FIRST_PASSWORD, PASSWORD, RESET_CODE, UserPool, code_of, running

NEW_PASSWORD = "A-Mill-On-A-River-9"
ME = {
    "user": {"id": "1", "name": "ada", "roles": ["admin"]},
    "quota": {},
    "features": {"createWorkspaces": True, "manageUsers": False, "embeddings": False},
}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UserPool]:
    """With people for each way of signing in."""
    with running(tmp_path_factory.mktemp("pool") / "aws") as pool:
        pool.has("ada", role="admin")
        pool.has("forgetful")
        pool.has("new", password=FIRST_PASSWORD, is_new=True)
        yield pool


@dataclass
class Gateway:
    """The API behind the page. `tokens`: what its calls and sockets carried. A new socket says `greeting`."""

    refuses: bool = False
    greeting: str | None = None
    tokens: list[str] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)

    def call(self, route: Route) -> None:
        """There is nothing yet, or nobody is let in."""
        self.tokens.append(route.request.headers.get("authorization", "").removeprefix("Bearer "))
        if self.refuses:
            route.fulfill(status=401, json={"detail": "Sign in again: the token is no longer good."})
        else:
            route.fulfill(json=ME if "/api/me" in route.request.url else {"items": [], "nextCursor": None})

    def socket(self, socket: WebSocketRoute) -> None:
        """Takes whatever is said."""
        self.tokens.append(socket.url.partition("token=")[2])
        self.sockets.append(socket)
        socket.on_message(lambda _: None)  # else it would be the local server's
        if self.greeting:
            socket.send(error_frame("internal", self.greeting))


@pytest.fixture
def gateway() -> Gateway:
    """A fresh one."""
    return Gateway()


@pytest.fixture
def at_sign_in(opens: Opens, target: Target, pool: UserPool, gateway: Gateway) -> Page:
    """The page of somebody who is not signed in; the policy that the local server sends knows no pool."""
    page = opens(base_url=target.url, bypass_csp=True)
    page.route("**/kosha.json", lambda route: route.fulfill(json=pool.config))
    page.route("**/api/**", gateway.call)
    page.route_web_socket("**/socket*", gateway.socket)
    page.goto("/")
    return page


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """By name and password."""
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def expect_inside(page: Page, name: str) -> None:
    """The chat page is there, for this person."""
    expect(page.get_by_role("button", name=f"{name}: account and theme")).to_be_visible()


def test_a_person_of_the_pool_signs_in_and_out(at_sign_in: Page, gateway: Gateway) -> None:
    page = at_sign_in
    sign_in(page, "ada", "wrong")
    expect(page.get_by_role("alert")).to_have_text("The user name or the password is wrong.")
    sign_in(page, "ada")
    expect_inside(page, "ada")
    assert set(map(use_of, gateway.tokens)) == {"access"}
    page.get_by_role("button", name="ada: account and theme").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    page.reload()
    expect(page.get_by_label("User name")).to_be_visible()


def test_an_administrator_is_offered_no_page_for_people_who_are_managed_elsewhere(at_sign_in: Page) -> None:
    sign_in(at_sign_in, "ada")
    pages = at_sign_in.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Workspaces")).to_be_visible()
    expect(pages.get_by_role("link", name="Users")).to_have_count(0)


def test_a_first_sign_in_chooses_a_password(at_sign_in: Page) -> None:
    page = at_sign_in
    sign_in(page, "new", FIRST_PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect_inside(page, "new")


def test_a_second_factor_asks_for_a_code(at_sign_in: Page, pool: UserPool) -> None:
    page = at_sign_in
    pool.has("mia")
    secret = pool.asks_for_codes("mia")
    sign_in(page, "mia")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("This code is wrong. Check it and try again.")
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_inside(page, "mia")


def test_a_forgotten_password_is_set_anew(at_sign_in: Page) -> None:
    page = at_sign_in
    page.get_by_role("button", name="Forgot the password?").click()
    page.get_by_label("User name").fill("forgetful")
    page.get_by_role("button", name="Send the code").click()
    page.get_by_label("Code", exact=True).fill(RESET_CODE)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("Your new password is set.")).to_be_visible()
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect_inside(page, "forgetful")


def test_a_token_is_renewed_after_the_gateway_put_the_page_out(at_sign_in: Page, gateway: Gateway) -> None:
    page = at_sign_in
    sign_in(page, "ada")
    expect_inside(page, "ada")
    gateway.greeting = "Welcome back."
    put_out(gateway)
    expect(page.get_by_text("Welcome back.")).to_be_visible()
    first, second = (socket.url for socket in gateway.sockets)
    assert first != second


def test_who_was_signed_out_everywhere_is_asked_to_sign_in_again(
    at_sign_in: Page, gateway: Gateway, pool: UserPool
) -> None:
    page = at_sign_in
    pool.has("gone")
    sign_in(page, "gone")
    expect_inside(page, "gone")
    pool.signs_out_everywhere("gone")
    gateway.refuses = True
    put_out(gateway)
    expect(page.get_by_text("Your sign-in has ended.")).to_be_visible()


def put_out(gateway: Gateway) -> None:
    """As API Gateway does it: a word, then a close whose code is not ours to choose."""
    gateway.sockets[-1].send(error_frame("unauthorized", "Sign in again."))
    gateway.sockets[-1].close(code=1000)


def error_frame(code: str, content: str) -> str:
    """As the server sends it."""
    return json.dumps({"type": "text", "action": "error", "data": {"code": code, "content": content}})


def use_of(token: str) -> str:
    """What a token is for."""
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["token_use"]
