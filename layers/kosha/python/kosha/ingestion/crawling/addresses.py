"""Addresses of pages: one spelling for each, which belong to a site, which look alike, which a person wants."""

import re
from fnmatch import fnmatchcase
from posixpath import splitext
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from kosha.errors import Invalid
from kosha.model.crawl import Site

LONGEST_CHARACTERS = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
MOST_SEGMENTS = 30
MOST_REPEATED = 3  # the same part of a path so often: a loop of relative links

_TRACKING = re.compile(
    r"(utm_[a-z_]+|gclid|dclid|fbclid|msclkid|yclid|mc_[ce]id|_ga|_gl|igshid|phpsessid|jsessionid|sessionid|aspsessionid\w*)$",
    re.I,
)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#]*", re.I)
_NUMBERS = re.compile(r"[-_.]?\d+|%[0-9A-F]{2}")
_UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_PATH_SAFE = "/!$&'()*+,;=:@"
_QUERY_SAFE = _PATH_SAFE + "?"
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def start_address(url: str) -> str:
    """The address a person gave, normalised; without a scheme it is https. Raises Invalid."""
    text = url.strip()
    if "://" not in text:
        text = f"https://{text}"
    address = normal(text)
    if address is None:
        raise Invalid(
            f"{url[:200]!r} is no address of a web page. Give one like https://example.com/docs/, without a password."
        )
    return address


def normal(url: str, base: str | None = None) -> str | None:
    """The one spelling of an address, without its fragment; None for what is no address of a web page.

    base: of the page it stands on.
    """
    try:
        joined = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(joined)
        host, port = _host(parts), parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username is not None or parts.password is not None:
        return None
    place = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    address = urlunsplit((parts.scheme, place, _path(parts.path), _query(parts.query), ""))
    return address if len(address) <= LONGEST_CHARACTERS else None


def origin_of(url: str) -> str:
    """Scheme, host and port: what robots.txt and politeness are about."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one host; with or without www, over http or https."""
    return _site(one) == _site(other)


def is_wanted(url: str, site: Site) -> bool:
    """Whether the person's patterns take the address. Without `include` all are taken; `exclude` wins."""
    if any(_fits(url, pattern) for pattern in site.exclude):
        return False
    return not site.include or any(_fits(url, pattern) for pattern in site.include)


def shape_of(url: str) -> str:
    """What the address has in common with those that differ in numbers, or in what they ask, only."""
    parts = urlsplit(url)
    asked = "&".join(sorted({pair.partition("=")[0] for pair in parts.query.split("&")})) if parts.query else ""
    return _NUMBERS.sub("#", f"{parts.netloc}{parts.path}?{asked}")[:500]


def is_trap(url: str) -> bool:
    """Whether the path goes round in circles, as relative links make it do on a server that answers to everything."""
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    return len(segments) > MOST_SEGMENTS or any(segments.count(each) > MOST_REPEATED for each in set(segments))


def extension_in(url: str) -> str:
    """ "pdf" of ".../report.PDF?x=1"; "" without one."""
    return splitext(urlsplit(url).path)[1].removeprefix(".").lower()


def _host(parts: SplitResult) -> str:
    """Lower case, in ASCII, without the root's dot. Raises ValueError."""
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        host = host.encode("idna").decode()
    if re.search(r"[^a-z0-9._-]", host):
        raise ValueError("no host")
    return host


def _path(path: str) -> str:
    plain = _SESSION_IN_PATH.sub("", path) or "/"
    ends_in_folder = plain.endswith(("/", "/.", "/.."))
    kept: list[str] = []
    for segment in plain.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in (".", ""):
            kept.append(_escaped(segment, _PATH_SAFE))
    return "/" + "/".join(kept) + ("/" if ends_in_folder and kept else "")


def _query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _TRACKING.match(pair.partition("=")[0])]
    return "&".join(_escaped(pair, _QUERY_SAFE) for pair in pairs)


def _escaped(text: str, safe: str) -> str:
    """Percent signs only where they are needed, and in capitals."""

    def spelt(found: re.Match[str]) -> str:
        letter = unquote_to_bytes(found[0]).decode("latin-1")
        return letter if letter in _UNRESERVED else found[0].upper()

    return quote(_ESCAPE.sub(spelt, _LONE_PERCENT.sub("%25", text)), safe=safe + "%")


def _site(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    port = parts.port
    return (parts.hostname or "").removeprefix("www."), None if port in (None, 80, 443) else port


def _fits(url: str, pattern: str) -> bool:
    """A pattern with a scheme is of the whole address, any other of what follows the host."""
    if "://" in pattern:
        return fnmatchcase(url, pattern)
    parts = urlsplit(url)
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    return fnmatchcase(place, pattern if pattern.startswith(("/", "*")) else f"/{pattern}")
