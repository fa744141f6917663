"""Log-in with a password kept here, and a one-time code: for where there is no single sign-on, and
for when that does not work."""

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from back_office.models import SecondFactor
from back_office.pages.staff import second_factor
from runtime import clock


class LocalLogIn(ModelBackend):
    """Django's authentication backend for passwords; django-axes counts whatever it refuses."""

    def authenticate(  # type: ignore[override] # nothing else is given
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        code: str = "",
    ) -> User | None:
        """A code is looked at, and used up, only with the right password; which of the two was
        wrong is not said."""
        account = super().authenticate(request, username=username, password=password)
        if not isinstance(account, User):
            return None
        if not second_factor.is_needed(account):
            return account
        return account if second_factor.accepts(account, code, now=clock.now()) else None


class LogInForm(AuthenticationForm):  # type: ignore[misc] # unfold's is not typed
    code = forms.CharField(
        label=_("One-time code"),
        max_length=10,
        required=False,
        widget=UnfoldAdminTextInputWidget(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "Please enter the correct username and password for a staff account, and a code of this"
            " minute that was not used before."
        ),
    }

    def __init__(self, request: HttpRequest | None = None, *args: object, **kwargs: object) -> None:
        super().__init__(request, *args, **kwargs)
        if settings.LOCAL_LOGIN_TOTP:
            self.fields["code"].required = True
        elif SecondFactor.objects.exists():
            self.fields["code"].help_text = _("Only for accounts that have an app for it.")
        else:
            del self.fields["code"]
            self.error_messages = AuthenticationForm.error_messages

    def clean(self) -> dict[str, object]:
        if not self.errors:
            self.user_cache = authenticate(self.request, **{"code": "", **self.cleaned_data})
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return dict(self.cleaned_data)
