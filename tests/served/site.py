"""A web site on a socket of this machine: pages from a table, and whatever else a server may do to a crawler."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

TITLE = "<!doctype html><html><head><title>{title}</title>{head}</head><body><main>{body}</main></body></html>"


class Answer(NamedTuple):
    """What the server says to a request. `headers` win over what is usual."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A request, and when it came."""

    path: str
    headers: Mapping[str, str]
    at: float


Behaviour = Answer | Callable[["BaseHTTPRequestHandler"], Answer | None]


def page(title: str, *links: str, text: str | None = None, head: str = "", **headers: str) -> Answer:
    """A page with a title, some words that no other has, and links."""
    words = f"On {title}." if text is None else text
    anchors = "".join(f'<a href="{link}">{link}</a> ' for link in links)
    html = TITLE.format(title=title, head=head, body=f"<h1>{title}</h1><p>{words}</p>") + f"<nav>{anchors}</nav>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(html.encode(), headers={"Content-Type": "text/html", **named})


def moved(to: str, status: int = 301) -> Answer:
    """A redirection."""
    return Answer(status=status, headers={"Location": to})


@dataclass
class ServedSite:
    """Answers by path (with its query, else without); what is not in the table is 404. `asked` is what was asked."""

    pages: dict[str, Behaviour] = field(default_factory=dict[str, Behaviour])
    asked: list[Asked] = field(default_factory=list[Asked])
    otherwise: Callable[[str], Behaviour | None] = lambda _path: None
    port: int = 0
    host: str = "127.0.0.1"
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        """Where it is, without a slash."""
        return f"http://{self.host}:{self.port}"

    def paths(self) -> list[str]:
        """What was asked, in order, robots.txt left out."""
        return [each.path for each in self.asked if each.path != "/robots.txt"]

    def answer(self, handler: BaseHTTPRequestHandler) -> Answer | None:
        """What to say; None where the behaviour has said it itself."""
        path = handler.path
        self.asked.append(Asked(path, dict(handler.headers.items()), time.monotonic()))
        behaviour = self.pages.get(path) or self.pages.get(path.partition("?")[0]) or self.otherwise(path)
        if behaviour is None:
            return Answer(b"no such page", 404)
        return behaviour(handler) if callable(behaviour) else behaviour


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: ServedSite

    def do_GET(self) -> None:
        self.site.at_once += 1
        self.site.most_at_once = max(self.site.most_at_once, self.site.at_once)
        try:
            answer = self.site.answer(self)
            if answer is not None:
                self._say(answer)
        except OSError:
            self.close_connection = True  # the crawler went away
        finally:
            self.site.at_once -= 1

    def _say(self, answer: Answer) -> None:
        known = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        told = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
        if answer.status == 200 and any(mine and mine == theirs for mine, theirs in zip(told, known, strict=True)):
            answer = Answer(b"", 304, answer.headers)
        self.send_response(answer.status)
        plain = {} if answer.status == 304 else {"Content-Length": str(len(answer.body)), "Content-Type": "text/plain"}
        for name, value in {**plain, **answer.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(pages: Mapping[str, Behaviour] | None = None) -> Iterator[ServedSite]:
    """A site for as long as the context is open."""
    site = ServedSite(dict(pages or {}))
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer((site.host, 0), handler) as server:
        server.daemon_threads = True
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
