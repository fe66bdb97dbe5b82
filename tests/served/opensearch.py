"""A fake of OpenSearch's REST API over HTTP: what `kosha.adapters.engines.opensearch` uses of it, in memory.

Made after the reference of OpenSearch 2 (create index, delete index, bulk, search with `knn` and `bool`/`term`); no
real cluster was at hand. It refuses what the real one refuses: an index of a bad name, a vector of another length, a
`size` above 10,000.
"""

import json
import math
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

_WINDOW = 10_000


class FakeOpenSearch:
    """The indexes of one cluster. `refusals`: statuses that the next calls get instead of an answer."""

    def __init__(self) -> None:
        self.url = ""
        self.indexes: dict[str, dict[str, Any]] = {}
        self.refusals: list[int] = []
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """(status, reply)."""
        name, _, rest = path.lstrip("/").partition("/")
        operation = rest.partition("?")[0]
        if method == "PUT" and not operation:
            return self._create(name, json.loads(body))
        if name not in self.indexes:
            return 404, {"error": {"type": "index_not_found_exception", "reason": f"no such index [{name}]"}}
        if method == "DELETE":
            del self.indexes[name]
            return 200, {"acknowledged": True}
        index = self.indexes[name]
        if operation == "_bulk":
            return 200, _bulk(index, [json.loads(line) for line in body.splitlines()])
        if operation == "_search":
            return _search(index, json.loads(body))
        return 400, {"error": {"type": "illegal_argument_exception", "reason": f"no handler for {method} {path}"}}

    def _create(self, name: str, wanted: dict[str, Any]) -> tuple[int, Any]:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
            return 400, {"error": {"type": "invalid_index_name_exception", "reason": name}}
        if name in self.indexes:
            return 400, {"error": {"type": "resource_already_exists_exception", "reason": f"index [{name}] exists"}}
        self.indexes[name] = {"fields": wanted["mappings"]["properties"], "documents": {}}
        return 200, {"acknowledged": True}


def _bulk(index: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    rest = iter(lines)
    for line in rest:
        [(action, about)] = line.items()
        if action == "delete":
            there = index["documents"].pop(about["_id"], None)
            items.append({"delete": {"_id": about["_id"], "status": 404 if there is None else 200}})
            continue
        document = next(rest)
        fault = _fault(index["fields"], document)
        if fault is None:
            index["documents"][about["_id"]] = document
        items.append({"index": {"_id": about["_id"], "status": 400 if fault else 201, "error": fault}})
    return {"errors": any("error" in value for item in items for value in item.values()), "items": items}


def _fault(fields: dict[str, Any], document: dict[str, Any]) -> dict[str, str] | None:
    vector = document.get("vector")
    if vector is not None and ("vector" not in fields or len(vector) != fields["vector"]["dimension"]):
        return {"type": "mapper_parsing_exception", "reason": "Vector dimension mismatch"}
    return None


def _search(index: dict[str, Any], body: dict[str, Any]) -> tuple[int, Any]:
    if body["size"] > _WINDOW:
        return 400, {"error": {"type": "illegal_argument_exception", "reason": "Result window is too large"}}
    scores = (
        _nearest(index, body["query"]["knn"]) if "knn" in body["query"] else _by_words(index, body["query"]["bool"])
    )
    best = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))[: body["size"]]
    return 200, {"hits": {"hits": [{"_id": key, "_score": score} for key, score in best]}}


def _nearest(index: dict[str, Any], query: dict[str, Any]) -> dict[str, float]:
    [(field, asked)] = query.items()
    held = {key: document[field] for key, document in index["documents"].items() if field in document}
    scores = {key: float(np.dot(vector, asked["vector"])) for key, vector in held.items()}
    return dict(sorted(scores.items(), key=lambda entry: -entry[1])[: asked["k"]])


def _by_words(index: dict[str, Any], query: dict[str, Any]) -> dict[str, float]:
    """BM25 as Lucene has it: k1 1.2, b 0.75."""
    texts = {key: document["words"].split() for key, document in index["documents"].items() if document["words"]}
    mean = sum(map(len, texts.values())) / max(1, len(texts))
    scores: Counter[str] = Counter()
    for clause in query["should"]:
        word = clause["term"]["words"]
        having = [key for key, words in texts.items() if word in words]
        weight = math.log(1 + (len(texts) - len(having) + 0.5) / (len(having) + 0.5))
        for key in having:
            often = texts[key].count(word)
            scores[key] += weight * often / (often + 1.2 * (0.25 + 0.75 * len(texts[key]) / mean))
    return dict(scores)


@contextmanager
def serving() -> Iterator[FakeOpenSearch]:
    """A cluster on a port of its own."""
    fake = FakeOpenSearch()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with fake.lock:
                fake.calls.append(
                    (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
                )
                if fake.refusals:
                    status, reply = fake.refusals.pop(0), {"error": {"type": "refused"}}
                else:
                    status, reply = fake.answer(self.command, self.path, body)
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 # names of the base class

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
