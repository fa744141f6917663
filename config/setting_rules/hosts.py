"""Rules of hosts and ports."""

import re
from collections.abc import Iterator

from config.setting_rules.rule import Complaint, Rule, unfit, wrong
from config.setting_rules.this_machine import is_the_platform, is_this_machine
from config.settings.reading import listed
from runtime.web.addresses import spelled


def served_hosts() -> Rule:
    """Hosts under which this system may be asked for."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            name = host.removeprefix(".")
            if host == "*":
                yield unfit(
                    "allows any host: whoever asks could have links made to a place of theirs"
                )
            elif not is_host(name) or name.endswith("."):
                yield wrong("holds something that is no host: neither scheme, port, path nor *")
            elif host.startswith(".") and "." not in name:
                yield unfit("allows a whole top-level domain")

    return Rule("hosts, or .example.no for all below one", judge)


def called_hosts() -> Rule:
    """Hosts that senders may have us call wherever they lie."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            if not is_host(host):
                yield wrong("holds something that is no host: neither scheme, port, path nor *")
            elif is_this_machine(host):
                yield unfit("lets senders call this machine")
            elif is_the_platform(host):
                yield unfit("lets senders ask the platform for this machine's secrets")

    return Rule("hosts, neither of this machine nor of the platform's metadata", judge)


def spared_hosts() -> Rule:
    """Hosts that are called directly, where all else goes through a proxy."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            if not is_host(host.removeprefix(".")):
                yield wrong("holds something that is no host: neither scheme, port, path nor *")

    return Rule("hosts: each stands for all below it, too", judge)


def store_hosts() -> Rule:
    """Hosts whose files go out as attachments."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            name = host.removeprefix(".")
            if not is_host(name) or spelled(name) is not None:
                yield wrong("holds something that is no host: neither scheme, port, path nor *")
            elif host.startswith(".") and "." not in name:
                yield unfit("allows a whole top-level domain")

    return Rule("hosts, or .example.no for all below one", judge)


# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4; networks of one's own have underscores.
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_MAX_HOST_LENGTH = 253


def is_host(host: str) -> bool:
    """An address, or a name that there can be: none ends in a number."""
    if spelled(host) is not None:
        return True
    plain = host.removesuffix(".")
    labels = plain.split(".")
    return (
        len(plain) <= _MAX_HOST_LENGTH
        and all(map(_LABEL.fullmatch, labels))
        and not labels[-1].isdecimal()
    )


# Below 1024 only the web's, and of the others none that databases and the like are known by; see
# https://fetch.spec.whatwg.org/#port-blocking and IANA's register of ports.
_WEB = (80, 443)
_FIRST_FREE = 1024
_OTHERS = (
    *(1433, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060),
    *(5061, 5432, 5433, 5672, 5900, 5984, 6000, 6379, 6380, 6432, 6443, 6566, 6665, 6666, 6667),
    *(6668, 6669, 6679, 6697, 7000, 7001, 8500, 9042, 9092, 9100, 9200, 9300, 10080, 10250, 10255),
    *(11211, 15672, 26257, 26379, 27017, 27018),
)


def called_ports() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        for one in listed(given):
            if not one.isdecimal() or not one.isascii() or not 0 < int(one) < 65_536:
                yield wrong("is no list of ports from 1 to 65,535")
            elif int(one) not in _WEB and (int(one) < _FIRST_FREE or int(one) in _OTHERS):
                yield unfit(f"lets senders call port {int(one)}, which is no port of the web")

    return Rule("ports of web servers: 80, 443, or from 1,024 on", judge)


def bind_host() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_host(given):
            yield wrong("is no address of this machine")

    return Rule("an address of this machine, or 0.0.0.0 for all", judge)
