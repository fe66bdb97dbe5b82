"""Which addresses may be asked: those of the public internet, and private ones of hosts that an administrator named.

A crawler fetches what strangers wrote down. Without this, a link would make us read what only our own network may.
"""

import ipaddress
from collections.abc import Callable, Collection, Sequence
from urllib.parse import SplitResult

from kosha.errors import Rejected

Resolve = Callable[[str, int], Sequence[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

WEB_PORTS = (80, 443)
FIRST_FREE_PORT = 1024  # below, other ports than the web's are other services'
LONGEST_HOST_CHARACTERS = 253

# Told by nobody else: where clouds answer with credentials (the link-local ones are refused by their kind).
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "100.100.100.200")))
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
# What `ipaddress` of Python 3.11 takes for public although it is not (IANA special-purpose registries, 2026-11).
_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "3fff::/20",
        ),
    )
)  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Reach:
    """Finds the addresses of a host and refuses those that a crawl must not touch.

    allow_hosts: names or addresses of hosts that may be private. resolve: (host, port) -> addresses; raises OSError.
    """

    def __init__(self, allow_hosts: Collection[str], resolve: Resolve) -> None:
        self._allowed = frozenset(host.strip().strip("[]").lower() for host in allow_hosts)
        self._resolve = resolve

    def addresses(self, url: SplitResult) -> Sequence[str]:
        """Where to connect for this URL: the very addresses that were checked. Raises Rejected, OSError."""
        host, port = _host_of(url), _port_of(url)
        is_allowed = host in self._allowed
        if not is_allowed and port not in WEB_PORTS and port < FIRST_FREE_PORT:
            raise Rejected(f"Port {port} of {host} is not one of the web's; it is not visited.")
        found = self._resolve(host, port)
        if not found:
            raise Rejected(f"{host} has no address.")
        for address in found:
            if not _may_be_asked(address, is_allowed=is_allowed):
                raise Rejected(
                    f"{host} is at {address}, which is not an address of the public internet. "
                    "An administrator can allow the host (KOSHA_CRAWL_ALLOW_HOSTS)."
                )
        return found


def _may_be_asked(text: str, *, is_allowed: bool) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = _inner(address)
    every = [address, inner] if inner else [address]
    if any(each.is_link_local or each.is_multicast or each.is_unspecified or each in _METADATA for each in every):
        return False  # an administrator may name hosts, but a cloud's credentials are nobody's pages
    return is_allowed or _is_public(inner or address)


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    is_translated = address in _NAT64 or int(address) >> 32 == 0  # ::a.b.c.d, "IPv4-compatible"
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if is_translated and int(address) > 1 else None


def _is_public(address: Address) -> bool:
    if any(address in network for network in _CLOSED if network.version == address.version):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _PUBLIC_V6:
        return False
    return address.is_global and not address.is_reserved


def _host_of(url: SplitResult) -> str:
    if url.scheme not in ("http", "https"):
        raise Rejected(f"Only http and https are visited, not {url.scheme!r}.")
    if url.username is not None or url.password is not None:
        raise Rejected("An address with a user name or password in it is not visited.")
    host = (url.hostname or "").rstrip(".").lower()
    if not host or len(host) > LONGEST_HOST_CHARACTERS:
        raise Rejected("The address names no host.")
    return host


def _port_of(url: SplitResult) -> int:
    try:
        port = url.port
    except ValueError as error:
        raise Rejected(f"The address names no port that there is: {error}.") from error
    if port == 0:
        raise Rejected("There is no port 0.")
    return port or (443 if url.scheme == "https" else 80)
