"""Who takes part in the acceptance suite, and a workspace they read."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from tests.acceptance.client import User
from tests.acceptance.target import Target

LEAVE = "Everybody has 25 days of annual leave in a calendar year. Unused days lapse on 31 March of the next year."
TRAVEL = "Train tickets are booked by the travel desk within two working days. Flights need the approval of a director."
KEYS = "A lost key card is reported to the reception at once; a new one costs 15 euros."


@dataclass(frozen=True)
class Library:
    """A workspace of ada's with three texts and one question with its answer; ben is a viewer."""

    id: str
    documents: dict[str, dict[str, Any]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """Connections for one test."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def admin(target: Target, http: aiohttp.ClientSession) -> User:
    """The administrator."""
    return User(target.url, target.people["admin"], http)


@pytest.fixture
def ada(target: Target, http: aiohttp.ClientSession) -> User:
    """A manager, who makes and owns the workspaces here."""
    return User(target.url, target.people["ada"], http)


@pytest.fixture
def ben(target: Target, http: aiohttp.ClientSession) -> User:
    """A user with whom ada shares."""
    return User(target.url, target.people["ben"], http)


@pytest.fixture
def eve(target: Target, http: aiohttp.ClientSession) -> User:
    """A user with whom nobody shares anything."""
    return User(target.url, target.people["eve"], http)


@pytest.fixture(scope="session")
def library(target: Target) -> Library:
    """Made once; tests read it only."""

    async def make() -> Library:
        async with aiohttp.ClientSession() as session:
            ada = User(target.url, target.people["ada"], session)
            workspace_id = await ada.workspace(name="Library")
            shared = await ada.put(f"workspaces/{workspace_id}/members/ben", {"grant": "viewer"})
            assert shared.status in (200, 201, 204), shared.text
            texts = {"Leave": LEAVE, "Travel": TRAVEL, "Keys": KEYS}
            documents = {title: await ada.text(workspace_id, title, content) for title, content in texts.items()}
            pair = {"question": "Who repairs the coffee machine?", "answer": "The facility team, room 0.17."}
            reply = await ada.post(f"workspaces/{workspace_id}/documents/qna", pair)
            assert reply.status == 201, reply.text
            documents["Coffee"] = await ada.processed(workspace_id, reply.body["id"])
            return Library(workspace_id, documents)

    return asyncio.run(make())


@pytest.fixture
async def workspace(ada: User) -> AsyncIterator[str]:
    """An empty workspace of ada's for one test."""
    made = await ada.workspace()
    yield made
    await ada.delete(f"workspaces/{made}")
