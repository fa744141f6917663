"""Rules of what names a part of another program, or must not be set at all."""

from collections.abc import Collection, Iterator

from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from config.setting_rules.rule import Complaint, Rule, unfit, wrong


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
