"""Rules of GATEWAYS: the shape of it, and each option as its provider declares it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.module_loading import import_string

from config.setting_rules.credentials import given_secret, secret, user_name
from config.setting_rules.judging import Judgement, odd
from config.setting_rules.programs import known_name
from config.setting_rules.rule import Complaint, Level, Rule
from config.setting_rules.servers import mail_server
from config.setting_rules.values import email_address, number, sms_sender, text
from config.setting_rules.web_addresses import service
from dispatch.gateways.email.event_providers import PROVIDERS
from dispatch.gateways.option import OPTIONS, PROVIDER, WEIGHT, Kind, Option

EMAIL = "email"
CHANNELS = ("sms", EMAIL)
SEND_FILES = "transport_with_files"
MAX_GATEWAYS = 10
MAX_WEIGHT = 1_000
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
_MEMBERS = {PROVIDER, OPTIONS, WEIGHT}

RULES: Mapping[Kind, Rule] = {
    Kind.TEXT: text("a text"),
    Kind.ADDRESS: service(),
    Kind.MAIL_SERVER: mail_server(),
    Kind.GIVEN_SECRET: given_secret(),
    Kind.OWN_SECRET: secret(12),
    Kind.OWN_SECRETS: secret(12),
    Kind.USER_NAME: user_name(),
    Kind.NUMBER: number(1, 10_000),
    Kind.SMS_SENDER: sms_sender(),
    Kind.EMAIL_ADDRESS: email_address(),
    Kind.EVENTS_OF: known_name(PROVIDERS, "provider that django-anymail has events from"),
    Kind.KEYS: text("a text"),
    Kind.PROOFS: given_secret(),
}
_BY_NAME = (Kind.KEYS, Kind.PROOFS)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the setting; no sentence repeats what stands there."""

    channel: str
    gateway: str

    def wrong(self, says: str, hint: str) -> Judgement:
        where = f"GATEWAYS, {self.channel} gateway {self.gateway}"
        return Judgement(Level.WRONG, f"{where} {says}.", hint)

    def told(self, option: str, complaint: Complaint, rule: Rule) -> Judgement:
        says = f"GATEWAYS, {self.channel} gateway {self.gateway}: {option} {complaint.says}."
        return Judgement(complaint.level, says, f"Set {option} to {rule.allowed}.")


def judged(setting: object) -> Iterator[Judgement]:
    """All that is to be said of the setting, wherever it was written."""
    hint = "docs/gateways.md shows what stands in GATEWAYS."
    if not isinstance(setting, dict):
        yield Judgement(Level.WRONG, "GATEWAYS is no object of channels.", hint)
        return
    for channel, entries in setting.items():
        if channel not in CHANNELS:
            says = f"GATEWAYS names a channel that is none of {', '.join(CHANNELS)}."
            yield Judgement(Level.WRONG, says, hint)
        elif not isinstance(entries, dict) or not 1 <= len(entries) <= MAX_GATEWAYS:
            says = f"GATEWAYS names no gateways for {channel}, or more than {MAX_GATEWAYS}."
            yield Judgement(Level.WRONG, says, hint)
        else:
            for name, entry in entries.items():
                yield from _of_entry(channel, str(name), entry)
            if channel == EMAIL and not any(map(_may_send_files, entries.values())):
                says = "GATEWAYS names no e-mail gateway that sends attachments."
                hint = "Add one, or e-mails with attachments are accepted and expire."
                yield Judgement(Level.DOUBTFUL, says, hint)


def _of_entry(channel: str, name: str, entry: object) -> Iterator[Judgement]:
    if not _NAME.fullmatch(name):
        says = f"GATEWAYS calls a gateway for {channel} by a name that is none."
        yield Judgement(Level.WRONG, says, "Use small letters, digits and hyphens, 30 at most.")
        return
    place = _Place(channel, name)
    if not isinstance(entry, dict) or not entry.keys() <= _MEMBERS:
        yield place.wrong("holds something else", f"It holds {' and '.join(sorted(_MEMBERS))}.")
        return
    weight = entry.get(WEIGHT, 1)
    if type(weight) is not int or not 0 <= weight <= MAX_WEIGHT:
        says = f"has a {WEIGHT} that is no whole number from 0 to {MAX_WEIGHT:,}"
        yield place.wrong(says, f"Set {WEIGHT}, or remove it.")
    try:
        provider = import_string(entry.get(PROVIDER, ""))
    except Exception:
        yield place.wrong(f"has a {PROVIDER} that cannot be imported", "Name a class by its path.")
        return
    if _channel_of(provider) is None:
        yield place.wrong(f"has a {PROVIDER} that is no gateway", "Name a class below Gateway.")
    elif _channel_of(provider) != channel:
        yield place.wrong(f"has a {PROVIDER} for another channel", "Move it to its own.")
    elif not isinstance(given := entry.get(OPTIONS, {}), dict):
        yield place.wrong(f"has {OPTIONS} that are no object", "Write them by name.")
    else:
        yield from _of_options(place, provider.options, given)


def _may_send_files(entry: object) -> bool:
    """Also of one about which there is more to be said."""
    try:
        provider = import_string(entry[PROVIDER]) if isinstance(entry, dict) else None
    except Exception:  # of a module it may be any
        return True
    having = (base for base in getattr(provider, "__mro__", ()) if SEND_FILES in vars(base))
    return next(having, object).__name__ != "Gateway"


def _channel_of(provider: object) -> str | None:
    """None where it is none. The class of all gateways stands on models, and may not be named in
    modules that are read before these."""
    bases = {base.__name__ for base in getattr(provider, "__mro__", ())}
    channel = getattr(getattr(provider, "channel", None), "value", None)
    return channel.lower() if "Gateway" in bases and isinstance(channel, str) else None


def _of_options(
    place: _Place, options: Mapping[str, Option], given: Mapping[str, object]
) -> Iterator[Judgement]:
    if not given.keys() <= options.keys():
        known = ", ".join(options) or "none"
        yield place.wrong("has an option that its provider does not know", f"It knows {known}.")
    for name, option in options.items():
        value = given.get(name)
        if value in (None, "", {}, []):
            if option.is_needed:
                yield place.wrong(f"has no {name}", f"Set {name} to {RULES[option.kind].allowed}.")
            continue
        rule = RULES[option.kind]
        if option.kind in _BY_NAME:
            if not isinstance(value, dict):
                yield place.wrong(f"has {name} that are no object", "Write them by name.")
                continue
            values = [str(one) for one in value.values()]
        elif option.kind is Kind.OWN_SECRETS:
            if not isinstance(value, list):
                yield place.wrong(f"has {name} that are no list", "Write them as a list.")
                continue
            values = [str(one) for one in value]
        else:
            values = [str(value)]
        for one in values:
            for complaint in dict.fromkeys([*odd(one)] or rule.judge(one)):
                yield place.told(name, complaint, rule)
