"""All that is to be said of an environment: of each setting, its name, and several together."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from config.setting_rules.credentials import guessable
from config.setting_rules.rule import Complaint, Level, Rule, doubtful, unfit, wrong
from config.setting_rules.table import RULES
from config.settings.reading import (
    ANYMAIL,
    FILE,
    SECRETS,
    decimal,
    listed,
    secret_in,
    secrets_in_files,
    with_files,
)

# Of providers' keys those that prove where an event comes from.
_PROOF = re.compile(r"ANYMAIL_(\w+_)?(WEBHOOK_SECRET|SIGNING_SECRET|SIGNING_KEY|WEBHOOK_KEY)")
MIN_PROOF_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a setting, and what would be right: two sentences. Holds no value."""

    level: Level
    says: str
    hint: str


def judgements(environment: Mapping[str, str] = os.environ) -> Iterator[Judgement]:
    """All that is to be said of an environment, setting by setting, and of the files it names."""
    yield from _of_files(environment)
    environment = with_files(environment)
    for name, rule in RULES.items():
        given = environment.get(name, "")
        found = list(_said_of(given, rule))
        yield from _told(name, found, f"Set {name} to {rule.allowed}.")
    for name, given in environment.items():
        if name.startswith(ANYMAIL) and not name.endswith(FILE):
            yield from _told(name, list(_of_anymail(name, given)), f"Set {name} to another value.")
    yield from _misspelt(environment)
    yield from _together(environment)


def _of_files(environment: Mapping[str, str]) -> Iterator[Judgement]:
    for name in secrets_in_files(environment):
        path = environment[name + FILE]
        if path and environment.get(name):
            says = f"{name}{FILE} is set, and so is {name}: only one of them counts."
            yield Judgement(Level.WRONG, says, f"Remove one of {name} and {name}{FILE}.")
        elif path and not secret_in(path):
            says = f"{name}{FILE} leads to no file with a secret in it that can be read."
            yield Judgement(Level.WRONG, says, f"Set {name}{FILE} to the path of one.")


def _told(name: str, found: list[Complaint], hint: str) -> Iterator[Judgement]:
    for complaint in dict.fromkeys(found):
        yield Judgement(complaint.level, f"{name} {complaint.says}.".replace("..", "."), hint)


def _said_of(given: str, rule: Rule) -> Iterator[Complaint]:
    if not given:
        if rule.unset:
            yield doubtful(rule.unset)
        return
    in_any_case = [] if rule.has_many_lines else list(odd(given))
    yield from in_any_case or rule.judge(given)


_UNFILLED = re.compile(r"\$\{\w+[^}]*\}|\$\(\w+\)|\{\{.*\}\}|<[^<>]+>", re.DOTALL)
"""${NAME}, $(NAME), {{ name }}, <name>: what a template leaves that nobody has filled in."""


def odd(given: str) -> Iterator[Complaint]:
    """What no setting may be, whatever its kind."""
    if given != given.strip():
        yield wrong("begins or ends with white space")
    elif not given.isprintable():
        yield wrong("holds a line feed or another character that is not printed")
    elif _UNFILLED.fullmatch(given):
        yield wrong("is what a template has left, without a value")


def _of_anymail(name: str, given: str) -> Iterator[Complaint]:
    if in_any_case := list(odd(given)):
        yield from in_any_case
    elif name.endswith("WEBHOOK_SECRET"):
        for one in listed(given):
            yield from _of_user_and_password(one)
    elif given and _PROOF.fullmatch(name):
        yield from guessable(given, MIN_PROOF_LENGTH)


def _of_user_and_password(given: str) -> Iterator[Complaint]:
    user, colon, password = given.partition(":")
    if not colon:
        yield wrong("is no user and password, with a colon between them")
    elif user == password:
        yield unfit("has the user's name as its password")
    else:
        yield from guessable(password, MIN_PROOF_LENGTH)


_OURS = re.compile(
    "(SMS|SEND_CONDITION|EMAIL|ALTINN|MASKINPORTEN|PLATFORM_TOKEN|DEVELOPMENT_TOKEN|CREATOR|METRICS"
    "|WORKER_METRICS|AUTHORIZATION|DATABASE|SSO)_.+"
)
# What Kubernetes and docker put into the environment for a service that is called like ours.
_LINKS = re.compile(r".+_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT|PORT_\d+_(TCP|UDP)(_.+)?)")
_ALIKE = 0.9
_KNOWN = {*RULES, *(name + FILE for name in SECRETS)}


def _misspelt(environment: Mapping[str, str]) -> Iterator[Judgement]:
    for name in environment:
        if name in _KNOWN or name.startswith(ANYMAIL) or _LINKS.fullmatch(name):
            continue
        if meant := get_close_matches(name.upper(), _KNOWN, n=1, cutoff=_ALIKE):
            says = f"{name} is no setting: {meant[0]} is."
            yield Judgement(Level.WRONG, says, f"Rename it to {meant[0]}, or remove {name}.")
        elif _OURS.fullmatch(name):
            says = f"{name} is no setting of this system: it changes nothing."
            yield Judgement(Level.DOUBTFUL, says, "docs/settings.md has them all.")


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
    for name in RULES:
        replaced = name.removesuffix("_FALLBACKS")
        if name != replaced and given(name) and not given(replaced):
            says = f"{name} is set, and {replaced} is not: it would count for nothing."
            yield Judgement(Level.WRONG, says, f"Set {replaced}, or remove {name}.")
    public = given("WORKER_METRICS_HOST") not in ("", "127.0.0.1", "::1", "localhost")
    if given("WORKER_METRICS_PORT") not in ("", "0") and public and not given("METRICS_TOKEN"):
        says = "WORKER_METRICS_HOST is open to others, and METRICS_TOKEN is not set."
        yield Judgement(Level.UNFIT, says, "Set METRICS_TOKEN to something random.")
    if 0 < _number(given("LOOK_UP_TIMEOUT"), 10) < _number(given("REGISTER_CALL_TIMEOUT"), 5):
        says = "LOOK_UP_TIMEOUT is below REGISTER_CALL_TIMEOUT: no call would have its time."
        yield Judgement(Level.DOUBTFUL, says, "Raise the one or lower the other.")
    yield from _single_sign_on(environment)
    yield from _proxies(environment)
    most = _number(given("MAX_RECIPIENTS"), 100_000)
    if 0 < _number(given("CREATOR_RECIPIENTS_PER_MINUTE"), 1_000_000) < most:
        says = "CREATOR_RECIPIENTS_PER_MINUTE is below MAX_RECIPIENTS: larger orders never pass."
        yield Judgement(Level.DOUBTFUL, says, "Raise the one or lower the other.")


def _proxies(environment: Mapping[str, str]) -> Iterator[Judgement]:
    """What others go by counts for nothing here, which may surprise."""
    ours = environment.get("OUTGOING_PROXY", "")
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        found = environment.get(name.lower()) or environment.get(name)
        if found and found != ours:
            says = f"{name} counts for nothing: calls leave as OUTGOING_PROXY says."
            yield Judgement(Level.DOUBTFUL, says, f"Set OUTGOING_PROXY, or remove {name}.")
    if environment.get("OUTGOING_PROXY_EXCEPT") and not ours:
        says = "OUTGOING_PROXY_EXCEPT is set, and OUTGOING_PROXY is not: it counts for nothing."
        yield Judgement(Level.WRONG, says, "Set OUTGOING_PROXY, or remove OUTGOING_PROXY_EXCEPT.")


_SSO_NEEDED = ("SSO_ISSUER", "SSO_CLIENT_ID", "SSO_CLIENT_SECRET")
_SSO_GROUPS = ("SSO_SUPPORT_GROUPS", "SSO_OPERATOR_GROUPS", "SSO_AUDITOR_GROUPS")


def _single_sign_on(environment: Mapping[str, str]) -> Iterator[Judgement]:
    """All of it, or nothing."""
    if not any(environment.get(name) for name in (*_SSO_NEEDED, *_SSO_GROUPS)):
        return
    for name in _SSO_NEEDED:
        if not environment.get(name):
            says = f"{name} is not set, and single sign-on needs it."
            yield Judgement(Level.WRONG, says, f"Set {name}, or none of SSO_....")
    lists = [set(listed(environment.get(name, ""))) for name in _SSO_GROUPS]
    if not any(lists):
        says = "No group leads to a role: nobody could get in by single sign-on."
        yield Judgement(Level.WRONG, says, f"Set {', '.join(_SSO_GROUPS[:2])} or {_SSO_GROUPS[2]}.")


def _number(given: str, default: float) -> float:
    """0 where it cannot be read, which its own rule tells."""
    try:
        return decimal(given) if given else default
    except ValueError:
        return 0
