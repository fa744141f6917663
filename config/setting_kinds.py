"""Kinds of settings, and what can be wrong with one of each: the words of config.setting_rules.

No complaint repeats a value: it may be a secret.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

import psycopg
import redis
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string
from psycopg.conninfo import conninfo_to_dict

from config.api import jwks
from config.settings.reading import decimal, listed, whole, yes_or_no
from config.this_machine import is_the_platform, is_this_machine
from notifications import send_hours
from orders.sms_senders import is_shown_as_written
from recipients.mailboxes import is_mailbox
from recipients.registers.tokens import TokenUnavailable, private_key
from runtime.addresses import spelled


class Level(Enum):
    WRONG = "refused everywhere"
    UNFIT = "refused in production"
    DOUBTFUL = "warned of in production"


@dataclass(frozen=True, slots=True)
class Complaint:
    """`says` goes on where the setting's name has begun the sentence."""

    level: Level
    says: str


Judge = Callable[[str], Iterator[Complaint]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`allowed` goes on after "Set it to"; `warned` names what is only warned of. `unset` is what a
    production is warned of that leaves the setting out."""

    allowed: str
    judge: Judge
    warned: str = ""
    unset: str = ""

    def or_warned(self, *, unset: str) -> "Rule":
        return replace(self, unset=unset, warned=self.warned or "not set")


def wrong(says: str) -> Complaint:
    return Complaint(Level.WRONG, says)


def unfit(says: str) -> Complaint:
    return Complaint(Level.UNFIT, says)


def doubtful(says: str) -> Complaint:
    return Complaint(Level.DOUBTFUL, says)


# --- Texts, numbers, yes or no ---------------------------------------------------------------


def text(allowed: str) -> Rule:
    return Rule(allowed, lambda given: iter(()))


def one_of(*words: str, warned: Mapping[str, str] | None = None) -> Rule:
    said = warned or {}

    def judge(given: str) -> Iterator[Complaint]:
        if given.upper() not in words:
            yield wrong("is none of the words that are known")
        elif given.upper() in said:
            yield doubtful(said[given.upper()])

    return Rule("one of " + ", ".join(words), judge, ", ".join(f"`{word}`" for word in said))


def number(
    lowest: float,
    highest: float,
    *,
    warned: Mapping[float, str] | None = None,
    kind: str = "whole number",
) -> Rule:
    said = warned or {}
    read: Callable[[str], float] = whole if kind == "whole number" else decimal

    def judge(given: str) -> Iterator[Complaint]:
        try:
            value = read(given)
        except ValueError:
            yield wrong(f"is no {kind}")
            return
        if not lowest <= value <= highest:
            yield wrong("is out of range")
        elif value in said:
            yield doubtful(said[value])

    allowed = f"a {kind} from {lowest:,} to {highest:,}"
    return Rule(allowed, judge, ", ".join(f"{value}" for value in said))


def seconds(lowest: float, highest: float) -> Rule:
    return number(lowest, highest, kind="number of seconds")


def truth(*, unfit_if: bool | None = None, doubtful_if: bool | None = None, why: str = "") -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            value = yes_or_no(given)
        except ValueError:
            yield wrong("is neither true nor false")
            return
        if value is unfit_if:
            yield unfit(why)
        if value is doubtful_if:
            yield doubtful(why)

    only = "" if unfit_if is None else f"; in production {str(not unfit_if).lower()}"
    warned = "" if doubtful_if is None else f"`{str(doubtful_if).lower()}`"
    return Rule(f"true or false{only}", judge, warned)


def window() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            send_hours.parse(given)
        except ValueError as error:
            yield wrong(f"is no send window: {error}")

    return Rule("two hours of one day, such as 09:00-17:00 or 00:00-24:00", judge)


def pattern() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            accepts = re.compile(given).fullmatch
        except re.error:
            yield wrong("is no regular expression")
            return
        if accepts("") or accepts(" "):
            yield unfit("accepts what nobody can see")

    return Rule("a regular expression", judge, "one that accepts an empty text")


def email_address() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_mailbox(given):
            yield wrong("is no e-mail address")

    return Rule("an e-mail address, or a name and <address>", judge)


def sms_sender() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not is_shown_as_written(given):
            yield wrong("cannot be shown by phones as it is")

    return Rule("a number of 15 digits at most, or 11 letters, digits and spaces", judge)


# --- Secrets ---------------------------------------------------------------------------------

# What examples and habits put where a secret should be.
_HABITS = (
    "admin",
    "changeme",
    "default",
    "djangoinsecure",
    "example",
    "hemmelig",
    "insecure",
    "letmein",
    "lorem",
    "notifications",
    "onlyfor",
    "passord",
    "password",
    "placeholder",
    "qwerty",
    "replaceme",
    "secretkey",
    "testtest",
    "topsecret",
    "yoursecret",
)
FEWEST_CHARACTERS = 6


def secret(shortest: int) -> Rule:
    """One that we choose ourselves: nobody should be able to guess it."""

    def judge(given: str) -> Iterator[Complaint]:
        yield from guessable(given, shortest)

    return Rule(f"something random of {shortest} characters or more", judge)


def guessable(given: str, shortest: int) -> Iterator[Complaint]:
    plain = "".join(filter(str.isalnum, given.lower()))
    if len(given) < shortest:
        yield unfit(f"is shorter than {shortest} characters")
    elif len(set(given)) < FEWEST_CHARACTERS:
        yield unfit("holds the same few characters over and over")
    elif given in (given + given)[1:-1]:
        yield unfit("repeats itself")
    elif _is_counting(given):
        yield unfit("counts up or down, as 1234 and abcd do")
    elif any(habit in plain for habit in _HABITS):
        yield unfit("looks like an example that nobody has replaced")


def _is_counting(given: str) -> bool:
    """Whether three of four characters follow, or repeat, the one before them."""
    steps = [ord(one) - ord(before) for before, one in pairwise(given)]
    return 4 * sum(abs(step) <= 1 for step in steps) > 3 * len(steps)


def given_secret() -> Rule:
    """One that others have chosen: how long it is, is up to them."""

    def judge(given: str) -> Iterator[Complaint]:
        if len(given) < 8:
            yield doubtful("is shorter than 8 characters")
        elif len(set(given)) < 3:
            yield doubtful("holds the same few characters over and over")

    return Rule("what the other side has given out", judge, "shorter than 8 characters")


def user_name() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if ":" in given:
            yield wrong("holds a colon, which ends a user name (RFC 7617)")

    return Rule("a user name without a colon", judge)


# --- Places on the web -----------------------------------------------------------------------


def service() -> Rule:
    """The address of a service of others."""

    def judge(given: str) -> Iterator[Complaint]:
        yield from _on_the_web(given, "https address")

    return Rule("an https address that does not lead to this machine", judge)


def origins() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        for origin in listed(given):
            yield from _on_the_web(origin.replace("*", "any"), "list of https origins")
            if urlsplit_or_none(origin) and urlsplit(origin).path:
                yield wrong("holds a path: an origin is a scheme and a host")
            if "*" in origin and "." not in origin.partition("*.")[2]:
                yield unfit("holds a *: any site could send forms of the desk")

    return Rule("https origins, such as https://desk.example.no", judge)


def issuers() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        for issuer in listed(given):
            yield from _on_the_web(issuer, "list of https addresses")

    return Rule("https addresses, as the tokens spell them", judge)


def urlsplit_or_none(given: str) -> SplitResult | None:
    """None where it is no URL with a host, and perhaps a port."""
    try:
        parts = urlsplit(given)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _on_the_web(given: str, what: str) -> Iterator[Complaint]:
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
    if not _is_host(host):
        yield wrong("names a host that there cannot be")
    if is_this_machine(host):
        yield unfit("leads to this machine, where only simulators are")
    elif is_the_platform(host):
        yield unfit("leads to the platform's own address, where no such service is")
    elif any(label in ("simulator", "simulators") for label in host.split(".")):
        yield unfit("leads to simulators")
    if parts.scheme == "http":
        yield unfit("has no TLS (https): anybody on the way could read and change what is said")


def database() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        parts = _split(given)
        if parts is None or parts.scheme not in ("postgres", "postgresql"):
            yield wrong("is no address of a PostgreSQL database")
        elif not parts.path.strip("/"):
            yield wrong("names no database")
        elif "@" in parts.path or "/" in parts.path.removeprefix("/"):
            yield wrong("goes on behind the name of the database")
        elif not _are_options(parts.query):
            yield wrong("holds an option that PostgreSQL does not know")
        elif parts.password and parts.password == parts.username:
            yield doubtful("has the user's name as its password")

    return Rule(
        f"such as postgresql://user:password@host:5432/notifications, {_SPELLED}",
        judge,
        "user = password",
    )


_SPELLED = "where a password spells / as %2F, @ as %40 and # as %23"
# https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
_SSL_MODES = ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_OF_DJANGO = ("assume_role", "isolation_level")


def _are_options(query: str) -> bool:
    """Whether libpq takes them all; it reads some of their values only as it connects."""
    theirs = [(name, value) for name, value in parse_qsl(query) if name not in _OF_DJANGO]
    try:
        known = conninfo_to_dict("postgresql://?" + urlencode(theirs))
    except psycopg.Error:
        return False
    timeout = str(known.get("connect_timeout", "0"))
    return known.get("sslmode", "") in _SSL_MODES and timeout.isdecimal()


def broker() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        parts = _split(given)
        if parts is None or parts.scheme not in ("redis", "rediss"):
            yield wrong("is no address of a Redis")
        elif not parts.hostname:
            yield wrong("names no host")
        elif not _is_host(parts.hostname):
            yield wrong("names a host that there cannot be")
        elif not re.fullmatch("/?[0-9]{0,6}/?", parts.path):
            yield wrong("ends in something else than the number of a database")
        elif not _is_taken_by_redis(given):
            yield wrong("holds an option that Redis clients do not know, or that they cannot read")

    return Rule(f"such as redis://host:6379/0 or rediss://..., {_SPELLED}", judge)


def _is_taken_by_redis(url: str) -> bool:
    try:
        redis.Redis.from_url(url).connection_pool.make_connection()
    except (redis.RedisError, ValueError, TypeError):
        return False
    return True


ENCRYPTED_MAIL = ("smtps", "smtp+tls", "smtp+ssl")


def mail_server() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        parts = _split(given)
        if parts is None or parts.scheme not in ("smtp", *ENCRYPTED_MAIL):
            yield wrong("is no address of a mail server")
        elif not parts.hostname:
            yield wrong("names no host")
        elif not unquote(f"{parts.username}{parts.password}").isascii():
            yield wrong("has letters in its user or password that a log-in by SMTP cannot carry")
        elif not _is_host(parts.hostname):
            yield wrong("names a host that there cannot be")
        elif parts.path.strip("/"):
            yield wrong("goes on behind the host")
        elif parts.password and parts.password == parts.username:
            yield unfit("has the user's name as its password")
        elif parts.password and parts.scheme == "smtp" and not is_this_machine(parts.hostname):
            yield doubtful("shows its password to everybody on the way: it has no TLS")

    allowed = f"such as smtp+tls://user:password@host:587 or smtp://host:25, {_SPELLED}"
    return Rule(allowed, judge, "a password without TLS")


def _split(given: str) -> SplitResult | None:
    """A URL, with or without a host."""
    try:
        parts = urlsplit(given)
        return None if parts.fragment or parts.port == 0 else parts
    except ValueError:
        return None


# --- Hosts and ports -------------------------------------------------------------------------


def served_hosts() -> Rule:
    """Hosts under which this system may be asked for."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            name = host.removeprefix(".")
            if host == "*":
                yield unfit(
                    "allows any host: whoever asks could have links made to a place of theirs"
                )
            elif not _is_host(name) or name.endswith("."):
                yield wrong("holds something that is no host: neither scheme, port, path nor *")
            elif host.startswith(".") and "." not in name:
                yield unfit("allows a whole top-level domain")

    return Rule("hosts, or .example.no for all below one", judge)


def called_hosts() -> Rule:
    """Hosts that senders may have us call wherever they lie."""

    def judge(given: str) -> Iterator[Complaint]:
        for host in listed(given):
            if not _is_host(host):
                yield wrong("holds something that is no host: neither scheme, port, path nor *")
            elif is_this_machine(host):
                yield unfit("lets senders call this machine")
            elif is_the_platform(host):
                yield unfit("lets senders ask the platform for this machine's secrets")

    return Rule("hosts, neither of this machine nor of the platform's metadata", judge)


# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4; networks of one's own have underscores.
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_LONGEST_HOST = 253


def _is_host(host: str) -> bool:
    """An address, or a name that there can be: none ends in a number."""
    if spelled(host) is not None:
        return True
    plain = host.removesuffix(".")
    labels = plain.split(".")
    return (
        len(plain) <= _LONGEST_HOST
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
        if not _is_host(given):
            yield wrong("is no address of this machine")

    return Rule("an address of this machine, or 0.0.0.0 for all", judge)


# --- Files -----------------------------------------------------------------------------------

SHORTEST_RSA_KEY = 2048


def signing_key() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            if private_key(given).key_size < SHORTEST_RSA_KEY:
                yield unfit(f"leads to a key of fewer than {SHORTEST_RSA_KEY} bits")
        except TokenUnavailable:
            yield wrong("leads to no private RSA key that can be read")

    return Rule("the path of a PEM file with a private RSA key, without a password", judge)


def published_keys() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if "://" in given:
            yield from _on_the_web(given, "https address")
        elif not _holds_keys(given):
            yield wrong("leads to no set of keys that can be read")

    return Rule("an https address or the path of a file", judge)


def keys_of_issuers() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if "{issuer}" not in given:
            yield unfit("holds no {issuer}: one key could speak for anybody")
        if "://" in given:
            yield from _on_the_web(given.replace("{issuer}", "issuer"), "https address")
            host = (urlsplit_or_none(given) or urlsplit("")).hostname or ""
            if "{issuer}" in host:
                yield unfit("lets a token name the host that its keys come from")
        elif "{issuer}" in given and not Path(given.partition("{issuer}")[0]).parent.is_dir():
            yield wrong("leads to a folder that is not there")

    return Rule("an https address per issuer, such as https://keys.example/{issuer}.json", judge)


def _holds_keys(path: str) -> bool:
    try:
        return bool(jwks.read(path).keys)
    except jwks.READING_ERRORS:
        return False


def folder() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if not Path(given).is_dir():
            yield wrong("is no folder")

    return Rule("the path of a folder", judge)


# --- Parts of other programs -----------------------------------------------------------------


def forbidden(why: str) -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        yield unfit(why)

    return Rule("nothing, in production", judge)


def mail_backend(sends_nothing: Collection[str]) -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            backend = import_string(given)
        except Exception:
            yield wrong("names nothing that can be imported")
            return
        if not (isinstance(backend, type) and issubclass(backend, BaseEmailBackend)):
            yield wrong("names no e-mail backend of Django's")
        elif given.rpartition(".")[0] in sends_nothing:
            yield unfit("sends nothing to anybody")

    return Rule("the path of a Django e-mail backend", judge)


def known_name(names: Collection[str], what: str) -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if given not in names:
            yield wrong(f"names no {what}")

    return Rule(f"the name of a {what}", judge)
