"""Rules of the addresses of database, broker and mail server."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict

from config.setting_rules.hosts import is_host
from config.setting_rules.rule import Complaint, Rule, doubtful, unfit, wrong
from config.setting_rules.this_machine import is_this_machine


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
        elif not is_host(parts.hostname):
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
        elif not is_host(parts.hostname):
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
