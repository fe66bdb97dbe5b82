"""Which addresses a crawl may touch, whatever a link or a resolver says."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from kosha.adapters.web.http import resolved
from kosha.adapters.web.reach import Reach
from kosha.errors import Rejected

PUBLIC = "93.184.215.14"
INNER = (
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254", "169.254.170.2", "0.0.0.0", "0.1.2.3", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.0.2.1", "203.0.113.9", "100.100.100.200",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:1::1", "100::1", "3fff::1",
)  # fmt: skip
OUTER = (PUBLIC, "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "64:ff9b::808:808")


def reach(*addresses: str, allow: Sequence[str] = ()) -> Reach:
    return Reach(allow, lambda _host, _port: addresses)


@pytest.mark.parametrize("address", OUTER)
def test_an_address_of_the_public_internet_is_reached(address: str) -> None:
    assert reach(address).addresses(urlsplit("https://example.com/")) == (address,)


@pytest.mark.parametrize("address", INNER)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(Rejected, match="public internet"):
        reach(address).addresses(urlsplit("https://example.com/"))


@pytest.mark.parametrize("address", INNER)
def test_one_inner_address_among_public_ones_is_enough_to_refuse(address: str) -> None:
    with pytest.raises(Rejected):
        reach(PUBLIC, address).addresses(urlsplit("https://example.com/"))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:7f00:1]", "localhost"],
)
def test_no_spelling_of_the_own_machine_is_reached(host: str) -> None:
    with pytest.raises(Rejected):
        Reach((), resolved).addresses(urlsplit(f"http://{host}/"))


@pytest.mark.parametrize("allowed", ["intranet.example", "INTRANET.example", " intranet.example "])
def test_a_host_that_is_allowed_may_be_private(allowed: str) -> None:
    url = urlsplit("http://intranet.example:8080/wiki")
    assert reach("10.1.2.3", allow=[allowed]).addresses(url) == ("10.1.2.3",)


def test_an_allowed_host_allows_no_other() -> None:
    with pytest.raises(Rejected):
        reach("10.1.2.3", allow=["intranet.example"]).addresses(urlsplit("http://other.example/"))


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"]
)
def test_where_clouds_keep_credentials_is_never_reached(address: str) -> None:
    with pytest.raises(Rejected):
        reach(address, allow=["metadata.example"]).addresses(urlsplit("http://metadata.example/"))


@pytest.mark.parametrize("port", [1, 22, 25, 139, 445, 0])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(Rejected):
        reach(PUBLIC).addresses(urlsplit(f"http://example.com:{port}/"))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "http:///path", "http://u:p@example.com/",
        "http://user@example.com/", "http://example.com:99999/", f"http://{'a' * 300}.com/",
    ],
)  # fmt: skip
def test_only_plain_addresses_of_the_web_are_visited(url: str) -> None:
    with pytest.raises(Rejected):
        reach(PUBLIC).addresses(urlsplit(url))
