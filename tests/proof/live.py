"""What the proofs do to a running web process, and to the database behind it."""

import http.cookiejar
import os
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.error import HTTPError

import psycopg
from psycopg import sql

from script.launcher.system.running_system import Answer, RunningSystem

ORDER = b"""{"recipients": [{"emailAddress": "kari@example.com"}], "notificationChannel": "Email",
    "emailTemplate": {"subject": "Et brev", "body": "Du har f\xc3\xa5tt et brev."}}"""


PASSWORD = "only-for-this-run-4711"


def place(web: RunningSystem) -> Answer:
    return web.place("orders", ORDER)


@contextmanager
def database_away(web: RunningSystem) -> Iterator[None]:
    """Ends all connections of the web process, and lets it make no others."""
    name = web.database.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        outside.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        outside.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        try:
            yield
        finally:
            outside.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


@contextmanager
def database_read_only(web: RunningSystem) -> Iterator[None]:
    """What is left after a fail-over to a stand-by, or by a host whose disk is nearly full: all
    connections are ended, and new ones can only read."""
    name = web.database.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside:
        alter = sql.SQL("ALTER DATABASE {} {} default_transaction_read_only {}")
        database = sql.Identifier(name)
        outside.execute(alter.format(database, sql.SQL("SET"), sql.SQL("= on")))
        outside.execute(
            "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        try:
            yield
        finally:
            outside.execute(alter.format(database, sql.SQL("RESET"), sql.SQL("")))


def is_blocked(web: RunningSystem) -> bool:
    """Whether a request waits for a lock of the database."""
    found = web.query(
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(found)


def wait_until_healthy(web: RunningSystem) -> None:
    def is_healthy() -> bool:
        with suppress(OSError):
            return web.call("GET", "/health", headers={}).status == 200
        return False

    web.wait_for(is_healthy, "the new web process to serve /health")


class Browser:
    """Keeps cookies, as staff's do."""

    def __init__(self, web: RunningSystem) -> None:
        self._url = web.url
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def get(self, path: str, **form: str) -> Answer:
        """A form is sent by POST."""
        token = next((c.value for c in self._cookies if c.name == "csrftoken"), None)
        data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token or ""}).encode()
        request = urllib.request.Request(  # noqa: S310 - of this machine
            self._url + path, data if form else None, {"Accept-Language": "nb"}
        )
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            return Answer(error.code, error.headers, error.read())


def logged_in(web: RunningSystem) -> Browser:
    """The browser of an administrator."""
    web.command(
        "shell",
        "-c",
        "from django.contrib.auth.models import User;"
        "User.objects.filter(username='anne').delete();"
        f"User.objects.create_superuser('anne', password='{PASSWORD}')",
    )
    browser = Browser(web)
    browser.get("/admin/login/")
    browser.get("/admin/login/", username="anne", password=PASSWORD)
    assert browser.get("/admin/orders/order/").status == 200
    return browser
