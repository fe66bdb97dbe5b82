"""A product with a model that takes about three seconds for an answer, for the journeys that it survives."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from tests.acceptance.client import User
from tests.journeys.product import ModelServer, Product, model_server, running


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    with model_server(first_ms=100, token_ms=30, tokens=100) as model:
        yield model


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("journey") / "data", model) as product:
        yield product


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        yield http


@pytest.fixture
def admin(product: Product, http: aiohttp.ClientSession) -> User:
    return User(product.url, product.admin, http)
