"""A deed as a page knows it: who may, what it would do, and how it is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser

from back_office.actions.forms import DeedForm
from back_office.audit.log import Actor, Why


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the page shows before: in a sentence, in figures, what is refused and why, and what to
    beware of. Where it is not `possible` nothing can be done, unless other `choices_help`."""

    sentence: str
    facts: Sequence[tuple[str, object]] = ()
    refused: Sequence[tuple[str, int]] = ()
    warnings: Sequence[str] = ()
    possible: bool = True
    choices_help: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What the page says afterwards. `next_url` leads on, where something should follow."""

    sentence: str
    success: bool = True
    next_url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """To which rows it is to be done, how, by whom and why. `single` when it was asked for on the
    page of the one row."""

    ids: Sequence[Any]
    single: bool
    now: datetime
    choices: Mapping[str, Any]
    by: Actor
    why: Why


class Deed:
    """One thing that staff can do to the rows of a table."""

    name: ClassVar[str]
    """In addresses."""
    permission: ClassVar[str]
    title: Any
    icon: ClassVar[str] = "bolt"
    is_final: ClassVar[bool] = False
    """Cannot be undone: its button is red."""
    on_page: bool = True
    on_list: bool = True
    most: ClassVar[int] = 10_000
    """Rows at once; more are for the command."""
    command: ClassVar[str] = ""

    def form_class(self, *, single: bool) -> type[DeedForm]:
        return DeedForm

    def allows(self, user: AbstractUser) -> bool:
        return user.has_perm(self.permission)

    def fits(self, row: Any) -> bool:
        """Whether the row's page offers it."""
        return True

    def look_ahead(self, asked: Asked) -> Outlook:
        raise NotImplementedError

    def do(self, asked: Asked) -> Done:
        raise NotImplementedError
