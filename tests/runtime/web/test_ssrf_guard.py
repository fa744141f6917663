"""Which addresses a sender may make us call."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from runtime.web.addresses import spelled, travels_as_ipv4
from runtime.web.ssrf_guard import Blocked, GuardedResolver, SsrfGuard, is_public

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"]
PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    # Deprecated ways to wrap one, even one that is public.
    "::1.1.1.1",
    "::ffff:0:1.1.1.1",
    "2002:101:101::1",
    "2606:2800:220:1:0:5efe:7f00:1",
    "2606:2800:220:1:200:5efe:a9fe:a9fe",
]
PLATFORMS = [
    "168.63.129.16",
    "169.254.169.254",
    "169.254.169.253",
    "169.254.170.2",
    "169.254.42.42",
    "100.100.100.200",
    "192.0.0.192",
    "192.80.8.124",
    "199.36.153.8",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd00:42::42",
    "fe80::a9fe:a9fe",
]


def guard(*allowed_hosts: str) -> SsrfGuard:
    return SsrfGuard(allowed_hosts, allowed_ports=[80, 443])


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_every_other_address_is_not(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PLATFORMS)
def test_attack_19_no_platform_answers_its_machines_secrets(address: str) -> None:
    given = ip_address(address)
    assert not is_public(given)
    if isinstance(given, IPv4Address):
        number = int(given)
        high, low = number >> 16, number & 0xFFFF
        for spelling in (
            f"::ffff:{given}",
            f"::{given}",
            f"64:ff9b::{given}",
            f"64:ff9b::{high:x}:{low:x}",
            f"::ffff:0:{given}",
            f"2002:{high:x}:{low:x}::1",
            f"2606:2800:220:1:0:5efe:{high:x}:{low:x}",
        ):
            assert not is_public(ip_address(spelling)), spelling
        for host in (str(number), hex(number), f"{number >> 24}.{number & 0xFFFFFF}"):
            assert spelled(host) == given
            with pytest.raises(Blocked):
                guard().check(URL(f"http://{host}/"))


@pytest.mark.parametrize("address", PLATFORMS)
def test_attack_19_a_name_that_leads_to_a_platform_is_blocked(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def answer(*_question: object, **_how: object) -> list[object]:
        return [(family, socket.SOCK_STREAM, 6, "", (address, 80))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(Blocked):
        resolved("metadata.example")


@given(st.ip_addresses(v=4))
def test_no_spelling_of_an_address_inside_passes(address: IPv4Address) -> None:
    number = int(address)
    for host in (str(number), hex(number), oct(number).replace("o", ""), f"{address}."):
        assert spelled(host) == address
    if not is_public(address):
        high, low = number >> 16, number & 0xFFFF
        for form in ("::{}:{}", "::ffff:{}:{}", "2002:{}:{}::", "2606:1::5efe:{}:{}"):
            assert not is_public(ip_address(form.format(f"{high:x}", f"{low:x}")))


@given(st.ip_addresses(v=6))
def test_of_ipv6_only_what_is_given_out_passes(address: IPv6Address) -> None:
    if is_public(address) and not travels_as_ipv4(address):
        assert address in IPv6Network("2000::/3")


@given(st.ip_addresses(v=4))
def test_wrapping_an_ipv4_address_changes_nothing(address: object) -> None:
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(ip_address(wrapped)) == is_public(ip_address(str(address)))


@pytest.mark.parametrize(
    "url",
    [
        "https://vg.no/path?x=1",
        "http://example.com:443/x",
        "https://1.1.1.1/",
        "https://[2606:2800:220:1::1]/",
        "https://xn--blbr-roah.no/",
        "https://4u.example/",
    ],
)
def test_an_address_outside_may_be_called(url: str) -> None:
    guard().check(URL(url))


@pytest.mark.parametrize(
    "url",
    [
        *[f"http://[{a}]/" if ":" in a else f"http://{a}/" for a in PRIVATE if "%" not in a],
        "http://[fe80::1%25eth0]/",
        "http://2130706433/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.0x1/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",  # noqa: RUF001
        "http://①②⑦.0.0.1/",
        "https://user:secret@example.com/",
        "https://user@example.com/",
        "https://:secret@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "/path",
        "http:///path",
    ],
)
def test_an_address_inside_is_blocked(url: str) -> None:
    with pytest.raises((Blocked, ValueError)):
        guard("localhost").check(URL(url))


@pytest.mark.parametrize("url", ["https://example.com:8443/", "http://1.1.1.1:22/"])
def test_another_port_than_those_of_the_web_is_blocked_unless_the_settings_say_so(url: str) -> None:
    with pytest.raises(Blocked, match="port"):
        guard().check(URL(url))
    SsrfGuard([], allowed_ports=[22, 8443]).check(URL(url))


@pytest.mark.parametrize("port", [80, 443])
def test_the_ports_of_the_web_can_be_closed_too(port: int) -> None:
    with pytest.raises(Blocked, match="port"):
        SsrfGuard([], allowed_ports=[8443]).check(URL(f"http://example.com:{port}/"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000/", "http://LocalHost/", "http://localhost./"]
)
def test_an_allowed_host_may_be_called_wherever_it_is(url: str) -> None:
    guard("127.0.0.1", "localhost").check(URL(url))


def test_an_allowed_host_may_still_not_hold_a_password() -> None:
    with pytest.raises(Blocked):
        guard("localhost").check(URL("http://user:secret@localhost/"))


def resolved(host: str, *, allowed: tuple[str, ...] = ()) -> list[str]:
    async def resolve() -> list[str]:
        resolver = GuardedResolver(guard(*allowed))
        try:
            found = await resolver.resolve(host, 80, socket.AF_UNSPEC)
        finally:
            await resolver.close()
        return [result["host"] for result in found]

    return asyncio.run(resolve())


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433", "0"])
def test_a_name_that_leads_inside_is_blocked(host: str) -> None:
    with pytest.raises(Blocked):
        resolved(host)


def test_a_name_with_one_address_inside_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_question: object, **_how: object) -> list[object]:
        tcp = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*tcp, ("93.184.216.34", 80)), (*tcp, ("10.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(Blocked):
        resolved("both.example")


def test_an_allowed_name_is_resolved() -> None:
    assert "127.0.0.1" in resolved("localhost", allowed=("LOCALHOST",))


def test_a_name_that_does_not_exist_is_an_ordinary_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def know_nothing(*_question: object, **_how: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME)

    monkeypatch.setattr(socket, "getaddrinfo", know_nothing)
    with pytest.raises(socket.gaierror):
        resolved("no-such-host.invalid")
