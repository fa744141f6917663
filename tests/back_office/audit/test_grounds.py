"""Reasons and case references can be seen: attack A4, and whatever else only looks like words."""

import unicodedata
from collections.abc import Iterator

import pytest
from django import forms
from django.conf import LazySettings
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from back_office.actions import forms as _deeds  # noqa: F401
from back_office.audit import grounds
from back_office.audit.fields import CaseReferenceField, ReasonField
from back_office.pages import masked  # noqa: F401 - their forms are looked at
from runtime.visible_text import visible
from tests.back_office.action_commands import run

UNSEEN = (
    *("\u200b", "\u00a0", "\u2003", "\u3000", "\u2060", "\ufeff", "\u00ad", "\u202e\u202c"),
    *("\u2066\u2069", "\u180e", "\u034f", "\u3164", "\uffa0", "\u115f", "\u17b4", "\u2800"),
    *("\ufe0f", "\U000e0020", "\U000e0100", "\x07", "\x00", "\u0085", "\ue000", "\U0010ffff"),
)
unseen = st.text(st.sampled_from("".join(UNSEEN) + " \t\r\n"), min_size=1)


@pytest.mark.parametrize("text", [*UNSEEN, " ".join(UNSEEN), " ", "\t\r\n"])
def test_attack_a4_what_nobody_sees_is_no_case_and_no_reason(text: str) -> None:
    with pytest.raises(grounds.Unfit):
        grounds.reason(text)
    with pytest.raises(grounds.Unfit):
        grounds.case_reference(text, needed=True)
    assert visible(text) == ""


@given(unseen)
def test_what_is_not_seen_is_not_kept(text: str) -> None:
    assert grounds.case_reference(f"{text}SAK{text.strip()}-17{text}").replace(" ", "") == "SAK-17"


@given(st.text())
def test_what_is_kept_can_be_seen(text: str) -> None:
    kept = visible(text)
    assert not any(unicodedata.category(one)[0] == "C" for one in kept)
    assert kept == kept.strip()
    assert visible(kept) == kept


@pytest.mark.parametrize("text", [".", "---", "?!", "\u0301"])
def test_signs_are_no_reason(text: str) -> None:
    with pytest.raises(grounds.Unfit):
        grounds.reason(text)


@pytest.mark.parametrize("text", ["SAK-17", "INC0012345", "2025/12345678", "Case #7", "99887766"])
def test_cases_are_called_in_many_ways(text: str) -> None:
    assert grounds.case_reference(text, needed=True) == text


@pytest.mark.parametrize("text", ["7", "a case", "<b>1</b>", "-17", "1" * 100, "01838510058"])
def test_not_everything_is_a_case(text: str) -> None:
    with pytest.raises(grounds.Unfit):
        grounds.case_reference(text)


def test_an_installation_says_how_its_cases_are_called(settings: LazySettings) -> None:
    settings.CASE_REFERENCE_PATTERN = r"INC\d{7}"
    assert grounds.case_reference("INC0012345") == "INC0012345"
    with pytest.raises(grounds.Unfit, match="Write it as the case system shows it"):
        grounds.case_reference("SAK-17")


def test_where_none_is_needed_none_may_be_given() -> None:
    assert grounds.case_reference("") == grounds.case_reference("  ") == ""


def _forms(of: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for form in of.__subclasses__():
        yield form
        yield from _forms(form)


def test_every_form_of_the_desk_asks_by_the_same_rule() -> None:
    ours = [form for form in _forms() if form.__module__.startswith("back_office.")]
    asked = [
        (name, type(field))
        for form in ours
        for name, field in getattr(form, "base_fields", {}).items()
        if name in ("reason", "case_reference")
    ]
    assert {ReasonField, CaseReferenceField} == {kind for _name, kind in asked}
    assert all(
        kind is (ReasonField if name == "reason" else CaseReferenceField) for name, kind in asked
    )


@pytest.mark.parametrize("why", [("--reason", "\u200b"), ("--reason", "x", "--case", "\u200b")])
def test_commands_ask_by_the_same_rule(db: None, why: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run("pause_channel", "Sms", *why)
