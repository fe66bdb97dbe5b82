"""Stores of LangChain's, made by a function of the user's."""

from typing import Any

import numpy as np
import pytest
from langchain_core.vectorstores import InMemoryVectorStore
from tests.contracts.examples import new_id

from kosha.adapters.engines.langchain_store import LangChainRanker, maker
from kosha.adapters.engines.ranker import Entry
from kosha.errors import Rejected, Unavailable


def make_store(_: str, embedding: Any) -> InMemoryVectorStore:
    return InMemoryVectorStore(embedding)


def make_nothing(_: str, __: Any) -> InMemoryVectorStore:
    raise OSError("the disk is gone")


def entry(key: str, *vector: float) -> Entry:
    return Entry(key, "the same text", "", np.array(vector, np.float32))


def test_a_store_is_given_the_vectors_that_were_made_and_names_the_nearest() -> None:
    ranker, workspace_id = LangChainRanker(make_store), new_id()
    ranker.put(workspace_id, [entry("a", 1, 0)])
    ranker.put(workspace_id, [entry("b", 0, 1)])
    assert ranker.nearest(workspace_id, np.array([0.1, 0.9], np.float32), 5) == ["b", "a"]
    ranker.put(workspace_id, [entry("b", -1, 0)])
    assert ranker.nearest(workspace_id, np.array([0.1, 0.9], np.float32), 5) == ["a", "b"]
    ranker.take(workspace_id, ["a"])
    assert ranker.nearest(workspace_id, np.array([1, 0], np.float32), 5) == ["b"]


def test_each_workspace_has_a_store_of_its_own() -> None:
    ranker, one, other = LangChainRanker(make_store), new_id(), new_id()
    ranker.put(one, [entry("a", 1, 0)])
    assert ranker.nearest(other, np.array([1, 0], np.float32), 5) == []
    ranker.drop(one, ["a"])
    assert ranker.nearest(one, np.array([1, 0], np.float32), 5) == []


def test_a_function_is_found_by_its_name() -> None:
    found = maker(f"{__name__}:make_store")
    assert isinstance(found(new_id(), None), InMemoryVectorStore)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["nowhere_at_all:make", f"{__name__}:missing", "", "json"])
def test_a_name_that_finds_nothing_is_refused_with_what_to_write(path: str) -> None:
    with pytest.raises(Rejected, match="module:function"):
        maker(path)


def test_a_store_that_cannot_be_made_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="the disk is gone"):
        LangChainRanker(maker(f"{__name__}:make_nothing")).nearest(new_id(), np.array([1], np.float32), 1)
