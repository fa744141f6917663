"""What the lists of the desk can be narrowed down by; each filter leads to rows by an index."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Protocol, cast

from django import forms
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from back_office.lists import periods
from back_office.lists.periods import OUT_OF_STEP, Period, first_number_since
from back_office.unfold_types import AutocompleteSelectFilter, DropdownFilter, ModelAdmin
from orders.models import Creator
from runtime import clock
from runtime.uuid7 import lowest_at

Choice = tuple[str, StrOrPromise]
"""A value, and what it is called."""


class DeskFilter(Protocol):
    """What pages and files ask of each filter of a list."""

    title: str

    def in_words(self) -> str | Promise:
        """What is chosen, for people; empty if nothing is."""

    def applied(self) -> dict[str, str]:
        """What is chosen, for the audit log."""


class Shortcut(Protocol):
    """A filter that staff use so often that its choices are links above the list."""

    title: str
    parameter_name: str

    def chosen(self) -> str: ...

    def shortcuts(self) -> list[Choice]: ...

    def expected_parameters(self) -> list[str | None]: ...


class KnownChoice(DropdownFilter):
    """One of a few values; anything else is refused, so that what was filtered by can be told."""

    default: str | None = None

    def chosen(self) -> str:
        """The value asked for, else the default; empty if neither."""
        value = self.value() or self.default or ""
        if value and value not in dict(self.lookup_choices):
            raise IncorrectLookupParameters(f"{self.parameter_name} has no such choice.")
        return str(value)

    def in_words(self) -> str | Promise:
        """What is chosen, for people; empty if nothing is."""
        return dict(self.lookup_choices).get(self.chosen(), "")

    def applied(self) -> dict[str, str]:
        """What is chosen, for the audit log."""
        return {str(self.parameter_name): self.chosen()}

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.chosen()
        return self.narrowed(queryset, chosen) if chosen else queryset


class FieldChoice(KnownChoice):
    """One of the choices of the model's field that has the parameter's name."""

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Model],
    ) -> None:
        self.field = cast("Field[object, object]", model._meta.get_field(str(self.parameter_name)))
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return list(self.field.flatchoices)

    def narrowed(self, rows: QuerySet[Model], chosen: str) -> QuerySet[Model]:
        return rows.filter(**{str(self.parameter_name): chosen})


class ChannelFilter(FieldChoice):
    title = _("channel")
    parameter_name = "channel"


class CreatorFilter(AutocompleteSelectFilter):
    """One service owner, found by typing: there may be thousands."""

    def in_words(self) -> str:
        key: str = self.value()  # type: ignore[attr-defined] # unfold's
        if not key:
            return ""
        return str(Creator.objects.get(pk=key))

    def applied(self) -> dict[str, str]:
        return {"creator": self.in_words()}


class PeriodForm(forms.Form):
    """A named period, or days from a calendar, which win."""

    def __init__(
        self, *, name: str, label: str, choices: list[Choice], data: dict[str, object]
    ) -> None:
        super().__init__(data=data)
        calendar = {"type": "date", "class": " ".join(INPUT_CLASSES)}
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, required=False, widget=UnfoldAdminSelectWidget()
        )
        for side, text in (("from", _("from")), ("to", _("to and including"))):
            self.fields[f"{name}_{side}"] = forms.DateField(
                label=f"{label}, {text}",
                required=False,
                widget=forms.DateInput(attrs=calendar, format="%Y-%m-%d"),
            )


class PeriodFilter(SimpleListFilter):
    """Days by Norwegian clocks: of today unless asked otherwise, so that a list opens at once."""

    title = _("period")
    parameter_name = "period"
    template = "unfold/filters/filters_field.html"
    form_class = PeriodForm
    default = periods.TODAY

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Model],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.model_admin = model_admin
        for name in (f"{self.parameter_name}_from", f"{self.parameter_name}_to"):
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Model]) -> list[Choice]:
        return list(periods.NAMES)

    def expected_parameters(self) -> list[str | None]:
        name = self.parameter_name
        return [name, f"{name}_from", f"{name}_to"]

    def chosen(self) -> str:
        """The name of the period; empty where days of the calendar are given."""
        if self._day("from") or self._day("to"):
            return ""
        name = self.value() or self.default
        if name not in dict(periods.NAMES):
            raise IncorrectLookupParameters("There is no such period.")
        return str(name)

    def in_words(self) -> str | Promise:
        if chosen := self.chosen():
            return dict(periods.NAMES)[chosen]
        return f"{self._day('from') or ''} – {self._day('to') or ''}"  # noqa: RUF001

    def applied(self) -> dict[str, str]:
        return {str(self.parameter_name): str(self.chosen() or self.in_words())}

    def period(self) -> Period:
        if chosen := self.chosen():
            return periods.named(chosen, now=clock.now())
        return periods.between(self._day("from"), self._day("to"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return self.within(queryset, self.period())

    def shortcuts(self) -> list[Choice]:
        return list(periods.NAMES)

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        """The rows of the period, by an index."""
        raise NotImplementedError

    def choices(self, changelist: object) -> Iterator[Any]:
        yield {
            "form": self.form_class(
                name=str(self.parameter_name),
                label=str(self.title).capitalize(),
                choices=list(periods.NAMES),
                data={str(self.parameter_name): self.chosen(), **self.used_parameters},
            )
        }

    def _day(self, side: str) -> date | None:
        text = self.used_parameters.get(f"{self.parameter_name}_{side}")
        try:
            return date.fromisoformat(str(text)) if text else None
        except ValueError as error:
            raise IncorrectLookupParameters("That is no date.") from error


class MadeInPeriod(PeriodFilter):
    """By when the row was made, which its identifier tells."""

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        if period.start:
            rows = rows.filter(id__gte=lowest_at(period.start))
        if period.end:
            rows = rows.filter(id__lt=lowest_at(period.end))
        return rows


class NumberedInPeriod(PeriodFilter):
    """By a time that rises with the row's number; the number bounds the search."""

    column = "created"

    def within(self, rows: QuerySet[Model], period: Period) -> QuerySet[Model]:
        if period.start:
            first = self._number_at(rows, period.start - OUT_OF_STEP)
            rows = rows.filter(pk__gte=first)
        if period.end:
            last = self._number_at(rows, period.end + OUT_OF_STEP)
            rows = rows.filter(pk__lte=last)
        return rows.filter(period.of(self.column))

    def _number_at(self, rows: QuerySet[Model], moment: datetime) -> int:
        return first_number_since(moment, model=rows.model, column=self.column)
