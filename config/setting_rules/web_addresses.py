"""Rules of addresses on the web."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from config.setting_rules.hosts import is_host
from config.setting_rules.rule import Complaint, Rule, unfit, wrong
from config.setting_rules.this_machine import is_the_platform, is_this_machine
from config.settings.reading import listed


def service() -> Rule:
    """The address of a service of others."""

    def judge(given: str) -> Iterator[Complaint]:
        yield from on_the_web(given, "https address")

    return Rule("an https address that does not lead to this machine", judge)


def origins() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        for origin in listed(given):
            yield from on_the_web(origin.replace("*", "any"), "list of https origins")
            if urlsplit_or_none(origin) and urlsplit(origin).path:
                yield wrong("holds a path: an origin is a scheme and a host")
            if "*" in origin and "." not in origin.partition("*.")[2]:
                yield unfit("holds a *: any site could send forms of the desk")

    return Rule("https origins, such as https://desk.example.no", judge)


def issuers() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        for issuer in listed(given):
            yield from on_the_web(issuer, "list of https addresses")

    return Rule("https addresses, as the tokens spell them", judge)


def outgoing_proxy() -> Rule:
    """It may be shown a user and password, and stand on this machine."""

    def judge(given: str) -> Iterator[Complaint]:
        parts = urlsplit_or_none(given)
        host = str(parts.hostname) if parts else ""
        if parts is None or parts.scheme not in ("http", "https") or not is_host(host):
            yield wrong("is no http or https address")
        elif parts.path not in ("", "/") or parts.query or parts.fragment:
            yield wrong("holds more than the address of a host")
        elif is_the_platform(host):
            yield unfit("leads to the platform's own address, where no proxy is")

    return Rule("such as http://proxy.example.no:3128, or http://user:password@...", judge)


def collector() -> Rule:
    """Where it is told what this system does. On this machine nobody is on the way."""

    def judge(given: str) -> Iterator[Complaint]:
        yield from on_the_web(given, "https address", may_be_here=True)

    return Rule("an https address, or an http address of this machine", judge)


def headers() -> Rule:
    """https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables"""

    def judge(given: str) -> Iterator[Complaint]:
        if not all(map(_HEADER.fullmatch, listed(given))):
            yield wrong("holds what is no name=value")

    return Rule("name=value, with commas between them", judge)


def data_source_name() -> Rule:
    """Key, host and project: https://docs.sentry.io/concepts/key-terms/dsn-explainer/"""

    def judge(given: str) -> Iterator[Complaint]:
        parts = urlsplit_or_none(given)
        if parts is None or not parts.username or not _PROJECT.fullmatch(parts.path):
            yield wrong("has no key before its host, or no project's number at its end")
            return
        host = parts.netloc.rpartition("@")[2]
        without_key = parts._replace(netloc=host).geturl()
        yield from on_the_web(without_key, "https address", may_be_here=True)

    return Rule("the https address, with its key, that Sentry gave for the project", judge)


_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\s*=.*\S.*")
_PROJECT = re.compile(r"(/[^/]+)*/[0-9]+")


def urlsplit_or_none(given: str) -> SplitResult | None:
    """None where it is no URL with a host, and perhaps a port."""
    try:
        parts = urlsplit(given)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def on_the_web(given: str, what: str, *, may_be_here: bool = False) -> Iterator[Complaint]:
    """`may_be_here`: it may lead to this machine, and needs no TLS then."""
    parts = urlsplit_or_none(given)
    odd = any(sign in given for sign in '\\"<>^`{}') or any(map(str.isspace, given))
    if parts is None or odd or parts.scheme not in ("http", "https"):
        yield wrong(f"is no {what}")
        return
    host = str(parts.hostname)
    if parts.query or parts.fragment:
        yield wrong("holds a ? or #")
    if parts.username is not None or parts.password is not None:
        yield unfit("holds a user name or password, which logs would show")
    if not is_host(host):
        yield wrong("names a host that there cannot be")
    if may_be_here and is_this_machine(host):
        return
    if is_this_machine(host):
        yield unfit("leads to this machine, where only simulators are")
    elif is_the_platform(host):
        yield unfit("leads to the platform's own address, where no such service is")
    elif any(label in ("simulator", "simulators") for label in host.split(".")):
        yield unfit("leads to simulators")
    if parts.scheme == "http":
        yield unfit("has no TLS (https): anybody on the way could read and change what is said")
