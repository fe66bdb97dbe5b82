"""One request, whatever the server does."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler

import pytest
from tests.served.site import Answer, ServedSite, moved, served

from kosha.adapters.web.http import HttpWeb, Patience
from kosha.errors import Cancelled, Rejected, SiteUnavailable, TooLarge

PATIENCE = Patience(connect_seconds=1.0, silence_seconds=0.4, all_seconds=1.2)
WEB = HttpWeb(["127.0.0.1", "site.example"], patience=PATIENCE)
MEGABYTE = 2**20


@pytest.fixture
def site() -> Iterator[ServedSite]:
    with served() as site:
        yield site


def read(url: str, *, limit_bytes: int = MEGABYTE, web: HttpWeb = WEB, **headers: str) -> bytes:
    with web.get(url, headers=headers, limit_bytes=limit_bytes, cancelled=lambda: False) as reply:
        return reply.body.read_bytes()


def says(*pieces: bytes, pause: float = 0.0) -> Callable[[BaseHTTPRequestHandler], None]:
    """A server that writes what it likes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
        handler.close_connection = True

    return behave


def test_a_page_comes_with_its_status_and_headers(site: ServedSite) -> None:
    site.pages["/a?b=c"] = Answer(b"words", 203, {"ETag": '"1"'})
    with WEB.get(f"{site.url}/a?b=c", headers={"X-Told": "yes"}, limit_bytes=99, cancelled=lambda: False) as reply:
        assert (reply.status, reply.size_bytes, reply.body.read_bytes()) == (203, 5, b"words")
        assert reply.headers["etag"] == '"1"'
    assert site.asked[0].headers["X-Told"] == "yes"
    assert site.asked[0].headers["Host"] == f"127.0.0.1:{site.port}"
    assert not reply.body.exists()


def test_a_redirection_is_not_followed(site: ServedSite) -> None:
    site.pages["/"] = moved("http://169.254.169.254/latest/meta-data/")
    with WEB.get(f"{site.url}/", headers={}, limit_bytes=99, cancelled=lambda: False) as reply:
        assert (reply.status, reply.headers["location"]) == (301, "http://169.254.169.254/latest/meta-data/")


def test_a_name_is_looked_up_once_and_the_checked_address_is_asked(site: ServedSite) -> None:
    asked: list[str] = []

    def rebinds(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    site.pages["/"] = Answer(b"words")
    web = HttpWeb(["site.example"], resolve=rebinds, patience=PATIENCE)
    assert read(f"http://site.example:{site.port}/", web=web) == b"words"
    assert asked == ["site.example"]
    assert site.asked[0].headers["Host"] == f"site.example:{site.port}"


def test_a_name_that_turns_inwards_is_refused_at_the_next_request(site: ServedSite) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    web = HttpWeb(resolve=lambda _host, _port: next(answers), patience=Patience(0.05, 0.05, 0.1))
    with pytest.raises(SiteUnavailable):  # the public address of the first answer; nothing answers here
        read(f"http://rebinds.example:{site.port}/", web=web)
    with pytest.raises(Rejected, match=r"127\.0\.0\.1"):
        read(f"http://rebinds.example:{site.port}/", web=web)
    assert site.asked == []


def test_proxies_of_the_environment_are_not_used(site: ServedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    site.pages["/"] = Answer(b"words")
    assert read(f"{site.url}/") == b"words"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda data: zlib.compress(data)[2:-4]])
def test_packed_bodies_are_unpacked(site: ServedSite, pack: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    site.pages["/"] = Answer(pack(b"words " * 100_000), headers={"Content-Encoding": encoding})
    assert read(f"{site.url}/") == b"words " * 100_000


def test_a_body_packed_in_several_members_is_whole(site: ServedSite) -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    site.pages["/"] = Answer(packed, headers={"Content-Encoding": "gzip"})
    assert read(f"{site.url}/") == b"one two"


def test_a_bomb_is_refused_before_it_is_unpacked(site: ServedSite) -> None:
    site.pages["/"] = Answer(gzip.compress(bytes(200 * MEGABYTE)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(TooLarge):
        read(f"{site.url}/")


@pytest.mark.parametrize("length", ["", "3000000"])
def test_more_than_the_limit_is_refused(site: ServedSite, length: str) -> None:
    site.pages["/"] = Answer(bytes(3_000_000), headers={"Content-Length": length, "Connection": "close"})
    with pytest.raises(TooLarge):
        read(f"{site.url}/")


@pytest.mark.parametrize(
    "behaviour",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"),
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        says(b"nonsense\r\n\r\n"),
        says(b""),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
    ],
)
def test_a_broken_answer_is_the_servers_fault(site: ServedSite, behaviour: Callable[..., None]) -> None:
    site.pages["/"] = behaviour
    with pytest.raises(SiteUnavailable):
        read(f"{site.url}/")


def test_a_server_that_says_nothing_is_given_up(site: ServedSite) -> None:
    site.pages["/"] = says(b"", pause=1.0)
    with pytest.raises(SiteUnavailable):
        read(f"{site.url}/")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(site: ServedSite, head: bytes) -> None:
    site.pages["/"] = says(head, *[b"x"] * 40, pause=0.1)
    with pytest.raises(SiteUnavailable, match="too long"):
        read(f"{site.url}/")


def test_what_is_not_wanted_any_more_ends_at_once(site: ServedSite) -> None:
    begun = threading.Event()
    site.pages["/"] = says(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", *[b"x"] * 12, pause=0.1)
    web = HttpWeb(["127.0.0.1"], patience=Patience(1.0, 5.0, 60.0))
    with pytest.raises(Cancelled), web.get(f"{site.url}/", headers={}, limit_bytes=999, cancelled=lambda: True):
        begun.set()


def test_nobody_there_is_told_as_that() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SiteUnavailable, match="Nothing answers"):
            read(f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_a_name_that_nobody_has_is_told_as_that() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(SiteUnavailable, match="no-such-host"):
        read("http://no-such-host.example/", web=HttpWeb(resolve=unknown))


def test_a_certificate_that_nobody_vouches_for_is_refused(site: ServedSite) -> None:
    with pytest.raises(SiteUnavailable):  # this server speaks no TLS at all
        read(f"https://127.0.0.1:{site.port}/")
    assert ssl.create_default_context().check_hostname


def test_the_second_address_is_tried_when_the_first_does_not_answer(site: ServedSite) -> None:
    site.pages["/"] = Answer(b"words")
    web = HttpWeb(["site.example"], resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"], patience=PATIENCE)
    assert read(f"http://site.example:{site.port}/", web=web) == b"words"


def test_a_header_that_comes_twice_is_one_list(site: ServedSite) -> None:
    lines = b"X-Robots-Tag: noindex\r\nx-robots-tag: nofollow\r\nETag: 1\r\nETag: 1\r\n"
    site.pages["/"] = says(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 1\r\n\r\nx")
    with WEB.get(site.url + "/", headers={}, limit_bytes=9, cancelled=lambda: False) as reply:
        assert (reply.headers["x-robots-tag"], reply.headers["etag"]) == ("noindex, nofollow", "1")
