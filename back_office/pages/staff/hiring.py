"""Makes an account for a member of staff: one page with the role, and nothing else to be set."""

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from back_office.audit import log
from back_office.audit.fields import ReasonField
from back_office.audit.log import Actor, Why
from back_office.audit.roles import GROUPS
from back_office.models import StaffAction
from back_office.pages.staff import identity_provider
from runtime import clock


class HireForm(UserCreationForm[User]):
    """With single sign-on there is no password: the account waits for its owner's first log-in."""

    role = forms.ModelChoiceField(
        Group.objects.filter(name__in=GROUPS).order_by("pk"),
        label=_("Role"),
        empty_label=None,
        widget=UnfoldAdminRadioSelectWidget,
    )
    reason = ReasonField(
        help_text=_("Kept in the audit log with your name and the time."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in PASSWORDS:
            if identity_provider.is_on():
                del self.fields[name]
            else:
                new = {"autocomplete": "new-password"}
                self.fields[name].widget = UnfoldAdminPasswordWidget(attrs=new)

    def set_password_and_save(self, user: User, **kwargs: object) -> User:
        """With a password where one was asked for; saved by the page."""
        user.set_password(self.cleaned_data.get("password1"))
        return user


PASSWORDS = ("password1", "password2")
HIRED = ("username", "first_name", "last_name", "email", "role")


def fields() -> tuple[str, ...]:
    """In the order in which they are asked for."""
    passwords = () if identity_provider.is_on() else PASSWORDS
    return (*HIRED, *passwords, "reason")


def hire(account: User, form: HireForm, *, by: Actor) -> None:
    """Save the account, which may come in from now on."""
    role: Group = form.cleaned_data["role"]
    account.is_staff = True
    account.save()
    account.groups.set([role])
    log.record(
        StaffAction.What.HIRED,
        by=by,
        why=Why(form.cleaned_data["reason"]),
        subject=StaffAction.Subject.ACCOUNT,
        subject_id=account.pk,
        detail={"role": role.name, "password": account.has_usable_password()},
        now=clock.now(),
    )
