"""Odd requests to every address of a real web process, as nobody and as staff of each role."""

import http.client
import json
import random
from collections import Counter
from dataclasses import dataclass, field

from script.launcher.system.running_system import RunningSystem
from tests.fuzzing.odd_requests import (
    METHODS,
    OddRequest,
    encoded,
    odd_body,
    odd_headers,
    pairs,
    path_of,
    read_form,
)

SECONDS = 20.0
"""For one answer."""
NOBODY, CHIEF = "", "chief"
SETTINGS = {"EMAIL_REPORTS_FROM": "mailgun", "SEND_CONDITION_TEST_ENDPOINT": "true"}
"""So that every address there may be is there."""
_RESTORE_AFTER = 20
_CSRF = b"csrfmiddlewaretoken"
_SET_UP = """
import json
from tests.fuzzing.desk import set_up
print(json.dumps(set_up()))
"""


@dataclass(slots=True)
class Visits:
    """What a run asked for, by pattern and by status, and what went wrong."""

    patterns: Counter[str] = field(default_factory=Counter)
    with_forms: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class Desk:
    """Whatever the URL configuration leads to, and who may go there."""

    def __init__(self, system: RunningSystem, draw: random.Random) -> None:
        found = json.loads(system.command("shell", "-v", "0", "-c", _SET_UP))
        self.patterns: list[str] = found["patterns"]
        self._sessions: dict[str, str] = found["sessions"]
        self._known: dict[str, dict[str, list[str]]] = found["known"]
        self._system, self._draw = system, draw

    def role_for(self, pattern: str) -> str:
        """Mostly somebody who gets in, and then mostly the one who may do everything."""
        if not pattern.startswith("admin/") or self._draw.random() < 0.15:
            return NOBODY
        return CHIEF if self._draw.random() < 0.6 else self._draw.choice(sorted(self._sessions))

    def address(self, pattern: str) -> str:
        folder = "/".join(pattern.split("/")[:3])
        return path_of(pattern, self._known.get(folder, {}), self._draw)

    def cookies(self, role: str) -> dict[str, str]:
        session = f"; sessionid={self._sessions[role]}" if role != NOBODY else ""
        return {"Cookie": f"csrftoken={'c' * 32}{session}"}

    def restore(self) -> None:
        """Let everybody in again: requests log out, delete accounts and change passwords."""
        self._system.query(
            "INSERT INTO auth_user SELECT * FROM fuzz_user"
            " ON CONFLICT (id) DO UPDATE SET password = excluded.password, is_active = true,"
            " is_staff = true, is_superuser = excluded.is_superuser RETURNING 1"
        )
        self._system.query(
            "INSERT INTO django_session SELECT * FROM fuzz_session"
            " ON CONFLICT (session_key) DO UPDATE SET session_data = excluded.session_data,"
            " expire_date = excluded.expire_date RETURNING 1"
        )


def fuzz_pages(system: RunningSystem, *, seed: int, cases: int) -> Visits:
    """Send at least so many requests: to every pattern, and more to those that have forms."""
    draw = random.Random(seed)
    desk = Desk(system, draw)
    visits = Visits()
    while visits.statuses.total() < cases:
        with_forms = sorted(visits.with_forms)
        for pattern in draw.sample(desk.patterns, len(desk.patterns)) + with_forms * 3:
            if visits.statuses.total() >= cases and visits.patterns[pattern]:
                continue
            if visits.patterns.total() % _RESTORE_AFTER == 0:
                desk.restore()
            visits.patterns[pattern] += 1
            _visit(system, desk, pattern, draw, visits)
    return visits


def _visit(
    system: RunningSystem, desk: Desk, pattern: str, draw: random.Random, visits: Visits
) -> None:
    """A page as it is, and what it offers, sent back odd; or something odd from the beginning."""
    path, who = desk.address(pattern), desk.cookies(desk.role_for(pattern))
    if draw.random() < 0.35:
        typed, body = odd_body(draw)
        odd = {**who, **typed, **odd_headers(draw)}
        question = encoded(pairs([], draw))
        asked = OddRequest(draw.choice(METHODS), f"{path}?{question}", odd, body)
        _send(system, asked, visits)
        return
    page = _send(system, OddRequest("GET", path, who), visits)
    form = read_form(page)
    if form.fields:
        visits.with_forms.add(pattern)
    if draw.random() < 0.5:
        offered = [*form.questions, *form.fields]
        question = encoded(pairs(draw.sample(offered, min(len(offered), 4)), draw))
        _send(system, OddRequest("GET", f"{path}?{question}", who | odd_headers(draw)), visits)
        return
    fields = pairs([pair for pair in form.fields if pair[0] != _CSRF], draw)
    body = encoded([(_CSRF, b"c" * 32), *fields]).encode()
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    _send(system, OddRequest("POST", path, who | typed, body), visits)


def _send(system: RunningSystem, asked: OddRequest, visits: Visits) -> bytes:
    """The body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", system.port, timeout=SECONDS)
    headers = {"Content-Length": str(len(asked.body)), **asked.headers}
    try:
        connection.putrequest(asked.method, asked.path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(asked.body)
        answer = connection.getresponse()
        status, page = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        # A server may hang up on what is no HTTP.
        status, page = 0, b""
        if isinstance(error, TimeoutError) and "Expect" not in headers:
            visits.failures.append(f"No answer in {SECONDS:.0f} s: {asked}")
    finally:
        connection.close()
    visits.statuses[status] += 1
    if status >= 500:
        visits.failures.append(f"{status}: {asked}")
    return page
