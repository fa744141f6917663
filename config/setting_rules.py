"""Every setting that the environment may hold, and what it may be: one line for each.

docs/settings.md shows this table; a test holds both to what config.settings reads.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from config.setting_kinds import (
    Complaint,
    Level,
    Rule,
    bind_host,
    broker,
    called_hosts,
    called_ports,
    database,
    doubtful,
    email_address,
    folder,
    forbidden,
    given_secret,
    guessable,
    issuers,
    keys_of_issuers,
    known_name,
    mail_backend,
    mail_server,
    number,
    one_of,
    origins,
    pattern,
    published_keys,
    seconds,
    secret,
    served_hosts,
    service,
    signing_key,
    sms_sender,
    text,
    truth,
    unfit,
    user_name,
    window,
    wrong,
)
from config.settings.reading import LOG_LEVELS, decimal
from dispatch.gateways.email.event_providers import PROVIDERS

_SENDS_NOTHING = [
    f"django.core.mail.backends.{n}" for n in ("console", "dummy", "filebased", "locmem")
]

RULES: Mapping[str, Rule] = {
    "SECRET_KEY": secret(32),
    "ALLOWED_HOSTS": served_hosts(),
    "CSRF_TRUSTED_ORIGINS": origins(),
    "TLS_REDIRECT": truth(doubtful_if=False, why="is off: plain HTTP is answered"),
    "HSTS_SECONDS": number(0, 63_072_000, warned={0: "is 0: browsers never insist on HTTPS"}),
    "PROXY_COUNT": number(0, 10),
    "DESK_REQUESTS_AT_ONCE": number(1, 100),
    "DATABASE_URL": database(),
    "DATABASE_POOL_SIZE": number(1, 1_000),
    "WEB_THREADS": number(1, 256),
    "BODY_SECONDS": seconds(1, 600),
    "BODY_LEAST_RATE": number(1, 1_000_000_000),
    "REDIS_URL": broker(),
    "PUBLIC_BASE_URL": service().or_warned(unset="is not set: links lead to localhost"),
    "LOG_LEVEL": one_of(*LOG_LEVELS, warned={"DEBUG": "has libraries log what they are given"}),
    "ALTINN_WELL_KNOWN": service(),
    "ALTINN_JWKS": published_keys(),
    "ALTINN_ISSUERS": issuers(),
    "PLATFORM_TOKEN_JWKS": keys_of_issuers(),
    "DEVELOPMENT_TOKEN_KEY": forbidden("is set: `manage.py token` could speak for anybody"),
    "DEVELOPMENT_TOKEN_ISSUER": forbidden("is set, which is for development only"),
    "PROFILE_URL": service(),
    "REGISTER_URL": service(),
    "AUTHORIZATION_URL": service(),
    "AUTHORIZATION_KEY": given_secret(),
    "PLATFORM_TOKEN_KEY": signing_key(),
    "MASKINPORTEN_URL": service(),
    "MASKINPORTEN_CLIENT_ID": text("what Maskinporten calls us"),
    "MASKINPORTEN_KEY": signing_key(),
    "REGISTER_CALL_TIMEOUT": seconds(0.1, 60),
    "LOOK_UP_TIMEOUT": seconds(0.1, 120),
    "SEND_CONDITION_ALLOWED_HOSTS": called_hosts(),
    "SEND_CONDITION_ALLOWED_PORTS": called_ports(),
    "SEND_CONDITION_TOKEN_OVER_HTTP": truth(
        unfit_if=True, why="is on: anybody on the way could read the token"
    ),
    "SEND_CONDITION_FAIL_OPEN": truth(),
    "SEND_CONDITION_TEST_ENDPOINT": truth(
        doubtful_if=True, why="is on: an endpoint for trying things out answers anybody"
    ),
    "MAX_RECIPIENTS": number(1, 1_000_000),
    "MAX_SCHEDULE_DAYS": number(1, 36_500),
    "MAX_TEXT_BYTES": number(1, 10_000_000),
    "MAX_BODY_BYTES": number(1_000, 1_000_000_000),
    "CREATOR_REQUESTS_PER_MINUTE": number(0, 10_000_000),
    "CREATOR_RECIPIENTS_PER_MINUTE": number(0, 1_000_000_000),
    "ORDER_GIVE_UP_HOURS": number(1, 720),
    "CASE_REFERENCE_PATTERN": pattern(),
    "RETENTION_DAYS": number(0, 36_500, warned={0: "is 0: personal data is kept for ever"}),
    "SMS_SEND_WINDOW": window(),
    "SMS_GATEWAY_URL": service(),
    "SMS_GATEWAY_CLIENT": text("what the gateway calls us"),
    "SMS_GATEWAY_PASSWORD": given_secret(),
    "SMS_REPORTS_USER": user_name(),
    "SMS_REPORTS_PASSWORD": secret(12),
    "DEFAULT_SMS_SENDER": sms_sender(),
    "SMS_PLAIN_TYPOGRAPHY": truth(),
    "SMS_IN_FLIGHT": number(1, 10_000),
    "EMAIL_URL": mail_server(),
    "EMAIL_BACKEND": mail_backend(_SENDS_NOTHING),
    "EMAIL_HELO_NAME": text("our name in the public DNS, or an address in brackets"),
    "EMAIL_REPORTS_FROM": known_name(PROVIDERS, "provider that django-anymail has events from"),
    "EMAIL_REPORTS_FRESH_MINUTES": number(1, 1_440),
    "DEFAULT_EMAIL_FROM": email_address(),
    "EMAIL_TIMEOUT": seconds(0.1, 600),
    "EMAIL_IN_FLIGHT": number(1, 1_000),
    "METRICS_TOKEN": secret(16).or_warned(unset="is not set: only this machine can read /metrics"),
    "WORKER_METRICS_PORT": number(0, 65_535),
    "WORKER_METRICS_HOST": bind_host(),
    "PROMETHEUS_MULTIPROC_DIR": folder(),
    "RESEND_AFTER_UNKNOWN_OUTCOME": truth(),
}

# Providers' keys, as django-anymail names them: those that prove where an event comes from.
ANYMAIL = "ANYMAIL_"
_PROOF = re.compile(r"ANYMAIL_(\w+_)?(WEBHOOK_SECRET|SIGNING_SECRET|SIGNING_KEY|WEBHOOK_KEY)")
SHORTEST_PROOF = 16


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a setting, and what would be right: two sentences. Holds no value."""

    level: Level
    says: str
    hint: str


def judgements(environment: Mapping[str, str] = os.environ) -> Iterator[Judgement]:
    """All that is to be said of an environment, setting by setting."""
    for name, rule in RULES.items():
        given = environment.get(name, "")
        found = list(_said_of(given, rule))
        yield from _told(name, found, f"Set {name} to {rule.allowed}.")
    for name, given in environment.items():
        if name.startswith(ANYMAIL):
            yield from _told(name, list(_of_anymail(name, given)), f"Set {name} to another value.")
    yield from _misspelt(environment)
    yield from _together(environment)


def _told(name: str, found: list[Complaint], hint: str) -> Iterator[Judgement]:
    for complaint in dict.fromkeys(found):
        yield Judgement(complaint.level, f"{name} {complaint.says}.".replace("..", "."), hint)


def _said_of(given: str, rule: Rule) -> Iterator[Complaint]:
    if not given:
        if rule.unset:
            yield doubtful(rule.unset)
        return
    in_any_case = list(_odd(given))
    yield from in_any_case or rule.judge(given)


# ${NAME}, $(NAME), {{ name }}, <name>: what a template leaves that nobody has filled in.
_UNFILLED = re.compile(r"\$\{\w+[^}]*\}|\$\(\w+\)|\{\{.*\}\}|<[^<>]+>", re.DOTALL)


def _odd(given: str) -> Iterator[Complaint]:
    """What no setting may be, whatever its kind."""
    if given != given.strip():
        yield wrong("begins or ends with white space")
    elif not given.isprintable():
        yield wrong("holds a line feed or another character that is not printed")
    elif _UNFILLED.fullmatch(given):
        yield wrong("is what a template has left, without a value")


def _of_anymail(name: str, given: str) -> Iterator[Complaint]:
    if odd := list(_odd(given)):
        yield from odd
    elif given and _PROOF.fullmatch(name):
        user, colon, password = given.partition(":")
        if name.endswith("WEBHOOK_SECRET") and not colon:
            yield wrong("is no user and password, with a colon between them")
        elif colon and user == password:
            yield unfit("has the user's name as its password")
        else:
            yield from guessable(password or user, SHORTEST_PROOF)


# --- Names -----------------------------------------------------------------------------------

_OURS = re.compile(
    "(SMS|SEND_CONDITION|EMAIL|ALTINN|MASKINPORTEN|PLATFORM_TOKEN|DEVELOPMENT_TOKEN|CREATOR|METRICS"
    "|WORKER_METRICS|AUTHORIZATION|DATABASE)_.+"
)
# What Kubernetes and docker put into the environment for a service that is called like ours.
_LINKS = re.compile(r".+_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_(TCP|UDP)(_.+)?)")
_ALIKE = 0.9


def _misspelt(environment: Mapping[str, str]) -> Iterator[Judgement]:
    for name in environment:
        if name in RULES or name.startswith(ANYMAIL) or _LINKS.fullmatch(name):
            continue
        if meant := get_close_matches(name.upper(), RULES, n=1, cutoff=_ALIKE):
            says = f"{name} is no setting: {meant[0]} is."
            yield Judgement(Level.WRONG, says, f"Rename it to {meant[0]}, or remove {name}.")
        elif _OURS.fullmatch(name):
            says = f"{name} is no setting of this system: it changes nothing."
            yield Judgement(Level.DOUBTFUL, says, "docs/settings.md has them all.")


# --- Settings that do not go together --------------------------------------------------------


def _together(environment: Mapping[str, str]) -> Iterator[Judgement]:
    def given(name: str) -> str:
        return environment.get(name, "")

    for user, password in (
        ("SMS_GATEWAY_CLIENT", "SMS_GATEWAY_PASSWORD"),
        ("SMS_REPORTS_USER", "SMS_REPORTS_PASSWORD"),
    ):
        if given(user) and given(user).lower() == given(password).lower():
            says = f"{password} is the same as {user}: it would be guessed first."
            yield Judgement(Level.UNFIT, says, f"Set {password} to something random.")
    public = given("WORKER_METRICS_HOST") not in ("", "127.0.0.1", "::1", "localhost")
    if given("WORKER_METRICS_PORT") not in ("", "0") and public and not given("METRICS_TOKEN"):
        says = "WORKER_METRICS_HOST is open to others, and METRICS_TOKEN is not set."
        yield Judgement(Level.UNFIT, says, "Set METRICS_TOKEN to something random.")
    if 0 < _number(given("LOOK_UP_TIMEOUT"), 10) < _number(given("REGISTER_CALL_TIMEOUT"), 5):
        says = "LOOK_UP_TIMEOUT is below REGISTER_CALL_TIMEOUT: no call would have its time."
        yield Judgement(Level.DOUBTFUL, says, "Raise the one or lower the other.")
    most = _number(given("MAX_RECIPIENTS"), 100_000)
    if 0 < _number(given("CREATOR_RECIPIENTS_PER_MINUTE"), 1_000_000) < most:
        says = "CREATOR_RECIPIENTS_PER_MINUTE is below MAX_RECIPIENTS: larger orders never pass."
        yield Judgement(Level.DOUBTFUL, says, "Raise the one or lower the other.")


def _number(given: str, default: float) -> float:
    """0 where it cannot be read, which its own rule tells."""
    try:
        return decimal(given) if given else default
    except ValueError:
        return 0
