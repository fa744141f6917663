"""Rules of files and folders, most of them with keys."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from config.lone_counters import is_usable
from config.setting_rules.rule import Complaint, Rule, unfit, wrong
from config.setting_rules.web_addresses import on_the_web, urlsplit_or_none
from config.tokens import jwks
from recipients.registers.tokens import TokenUnavailable, private_key

MIN_RSA_KEY_BITS = 2048


def signing_key() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        try:
            if private_key(given).key_size < MIN_RSA_KEY_BITS:
                yield unfit(f"leads to a key of fewer than {MIN_RSA_KEY_BITS} bits")
        except TokenUnavailable:
            yield wrong("leads to no private RSA key that can be read")

    return Rule("the path of a PEM file with a private RSA key, without a password", judge)


def published_keys() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if "://" in given:
            yield from on_the_web(given, "https address")
        elif not _holds_keys(given):
            yield wrong("leads to no set of keys that can be read")

    return Rule("an https address or the path of a file", judge)


def keys_of_issuers() -> Rule:
    def judge(given: str) -> Iterator[Complaint]:
        if "{issuer}" not in given:
            yield unfit("holds no {issuer}: one key could speak for anybody")
        if "://" in given:
            yield from on_the_web(given.replace("{issuer}", "issuer"), "https address")
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
        if not is_usable(given):
            yield wrong("is no folder that can be written to")

    return Rule("the path of a folder that can be written to", judge)
