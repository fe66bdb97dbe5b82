"""OpenSearch over its REST API, against a served fake of it (tests/served/opensearch.py)."""

import json
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from tests.contracts.examples import a_workspace
from tests.served.opensearch import FakeOpenSearch, serving

from kosha.adapters.engines.opensearch import OpenSearchRanker
from kosha.adapters.engines.opensearch_http import OpenSearchHttp, as_user
from kosha.adapters.engines.ranker import Entry
from kosha.errors import Rejected, Unavailable
from kosha.model.workspace import Workspace


@pytest.fixture
def cluster() -> Iterator[FakeOpenSearch]:
    with serving() as fake:
        yield fake


@pytest.fixture
def ranker(cluster: FakeOpenSearch) -> OpenSearchRanker:
    return OpenSearchRanker(OpenSearchHttp(cluster.url, sleep=lambda _: None))


@pytest.fixture
def workspace(ranker: OpenSearchRanker) -> Workspace:
    workspace = a_workspace(embeddings_model_dimensions=2)
    ranker.create(workspace)
    return workspace


def entry(key: str, words: str, *vector: float) -> Entry:
    return Entry(key, words, words, np.array(vector, np.float32) if vector else None)


def test_entries_are_named_by_nearness_and_by_words(ranker: OpenSearchRanker, workspace: Workspace) -> None:
    ranker.put(workspace.id, [entry("a", "leave leave", 1, 0), entry("b", "leave travel", 0, 1), entry("c", "pay")])
    assert ranker.nearest(workspace.id, np.array([0.6, 0.8], np.float32), 5) == ["b", "a"]
    assert ranker.by_words(workspace.id, ["travel", "leave"], 5) == ["b", "a"]
    assert ranker.by_words(workspace.id, [], 5) == []
    ranker.take(workspace.id, ["b", "gone"])
    assert ranker.by_words(workspace.id, ["travel", "leave"], 5) == ["a"]


def test_an_index_is_made_once_and_removed_once(
    ranker: OpenSearchRanker, workspace: Workspace, cluster: FakeOpenSearch
) -> None:
    ranker.create(workspace)
    assert len(cluster.indexes) == 1
    ranker.drop(workspace.id, [])
    ranker.drop(workspace.id, [])
    assert cluster.indexes == {}
    assert ranker.nearest(workspace.id, np.array([1, 0], np.float32), 5) == []


@pytest.mark.parametrize(("metric", "space"), [("cosine", "cosinesimil"), ("l2", "l2"), ("inner", "innerproduct")])
def test_the_metric_of_a_workspace_is_that_of_its_index(
    ranker: OpenSearchRanker, cluster: FakeOpenSearch, metric: str, space: str
) -> None:
    ranker.create(a_workspace(embeddings_model_dimensions=3, metric=metric))
    [made] = [index["fields"]["vector"] for index in cluster.indexes.values()]
    assert (made["dimension"], made["method"]["space_type"]) == (3, space)


def test_a_busy_cluster_is_asked_again(ranker: OpenSearchRanker, workspace: Workspace, cluster: FakeOpenSearch) -> None:
    cluster.refusals = [429, 503]
    ranker.put(workspace.id, [entry("a", "leave", 1, 0)])
    assert ranker.by_words(workspace.id, ["leave"], 5) == ["a"]


def test_a_cluster_that_stays_busy_is_unavailable(
    ranker: OpenSearchRanker, workspace: Workspace, cluster: FakeOpenSearch
) -> None:
    cluster.refusals = [503] * 3
    with pytest.raises(Unavailable, match="503"):
        ranker.by_words(workspace.id, ["leave"], 5)


def test_a_cluster_that_is_away_is_unavailable() -> None:
    nobody = OpenSearchRanker(OpenSearchHttp("http://127.0.0.1:9", sleep=lambda _: None))
    with pytest.raises(Unavailable, match="does not answer"):
        nobody.create(a_workspace(embeddings_model_dimensions=2))


@pytest.mark.parametrize(("status", "kind"), [(403, Unavailable), (400, Rejected)])
def test_a_refusal_is_told(
    ranker: OpenSearchRanker, workspace: Workspace, cluster: FakeOpenSearch, status: int, kind: type[Exception]
) -> None:
    cluster.refusals = [status]
    with pytest.raises(kind, match=str(status)):
        ranker.by_words(workspace.id, ["leave"], 5)


def test_an_entry_that_was_not_taken_fails_the_import(ranker: OpenSearchRanker, workspace: Workspace) -> None:
    with pytest.raises(Unavailable, match="dimension"):
        ranker.put(workspace.id, [entry("a", "leave", 1, 0, 0)])


@pytest.mark.parametrize("url", ["search.example.com", "ftp://search", "", "htps://kosha:hidden@search.example.com"])
def test_an_address_that_is_none_is_refused_and_not_told_with_its_password(url: str) -> None:
    with pytest.raises(Rejected, match="Write it like") as refused:
        OpenSearchHttp(url)
    assert "hidden" not in str(refused.value)


def test_calls_carry_who_asks(cluster: FakeOpenSearch) -> None:
    def sign(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        return {**headers, "X-Signed": f"{method} {len(body)}"}

    named = cluster.url.replace("//", "//ada:s%40cret@")
    OpenSearchHttp(named, sign=sign).call("DELETE", "/kosha-none", accepts=(404,))
    [(_, _, headers)] = cluster.calls
    assert headers["authorization"] == "Basic YWRhOnNAY3JldA=="
    assert headers["x-signed"] == "DELETE 0"


def test_a_password_that_was_changed_is_used_from_the_next_call_on(cluster: FakeOpenSearch) -> None:
    who = {"username": "ada", "password": "old"}
    http = OpenSearchHttp(cluster.url, sign=as_user(lambda: who))
    for password in ("old", "new"):
        who["password"] = password
        http.call("DELETE", "/kosha-none", accepts=(404,))
    told = [headers["authorization"] for _, _, headers in cluster.calls]
    assert told == ["Basic YWRhOm9sZA==", "Basic YWRhOm5ldw=="]


@pytest.mark.parametrize("secret", ["word", '"word"', "[]", '{"user": "ada"}'])
def test_a_secret_that_names_nobody_is_an_administrators_matter(cluster: FakeOpenSearch, secret: str) -> None:
    http = OpenSearchHttp(cluster.url, sign=as_user(lambda: json.loads(secret)))
    with pytest.raises(Unavailable, match="no JSON with username and password"):
        http.call("DELETE", "/kosha-none", accepts=(404,))
    assert cluster.calls == []
