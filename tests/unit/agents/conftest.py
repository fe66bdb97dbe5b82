"""A house to chat in, for graphs of LangChain's."""

import pytest
from tests.unit.chat.house import ChatHouse

from kosha.adapters.postgres.database import Database


@pytest.fixture
def chat(house_database: Database) -> ChatHouse:
    return ChatHouse(house_database)
