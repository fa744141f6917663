"""An action of staff: who may do it, what would come of it, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from django.contrib.auth.models import AbstractUser
from django.utils.functional import Promise

from back_office.actions.forms import ActionForm
from back_office.audit.log import Actor, Why

Row = TypeVar("Row")
Key = TypeVar("Key")
Refused = Sequence[tuple[str, int]]
"""A reason, and how many rows are left alone for it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an action would do at this moment: a sentence and facts for people, `figures` for
    scripts. Where it is not `possible` nothing can be done, unless other `choices_help`."""

    sentence: str
    figures: Mapping[str, object] = field(default_factory=dict)
    facts: Sequence[tuple[str, object]] = ()
    refused: Refused = ()
    warnings: Sequence[str] = ()
    possible: bool = True
    choices_help: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. `next_url` is the page to go on with, where there is one."""

    sentence: str
    figures: Mapping[str, object] = field(default_factory=dict)
    facts: Sequence[tuple[str, object]] = ()
    refused: Refused = ()
    success: bool = True
    next_url: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequest(Generic[Key]):
    """To which rows it is to be done, how, by whom and why. `single` when it was asked for on the
    page of the one row."""

    ids: Sequence[Key]
    single: bool
    now: datetime
    choices: Mapping[str, object]
    by: Actor
    why: Why


class Action(Generic[Row, Key]):
    """One thing that staff can do to the rows of a table."""

    name: ClassVar[str]
    """In addresses."""
    permission: ClassVar[str]
    title: str | Promise
    icon: ClassVar[str] = "bolt"
    is_final: ClassVar[bool] = False
    """Cannot be undone: its button is red."""
    on_page: bool = True
    on_list: bool = True
    max_rows: ClassVar[int] = 10_000
    """At once; more are for the command."""
    command: ClassVar[str] = ""

    def form_class(self, *, row: Row | None) -> type[ActionForm]:
        """`row` is the one whose page it was asked for on."""
        return ActionForm

    def allows(self, user: AbstractUser) -> bool:
        return user.has_perm(self.permission)

    def fits(self, row: Row) -> bool:
        """Whether the row's page offers it."""
        return True

    def preview(self, request: ActionRequest[Key]) -> Preview:
        raise NotImplementedError

    def run(self, request: ActionRequest[Key]) -> Done:
        raise NotImplementedError
