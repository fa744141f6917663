"""Single sign-on by OpenID Connect: to the identity provider and back.

mozilla-django-oidc keeps state, nonce and PKCE verifier of each log-in in the session; what the
provider says is verified in `identity_provider`, and becomes an account in `accounts`.
"""

from collections.abc import Callable, Mapping

import structlog
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from mozilla_django_oidc.utils import absolutify
from mozilla_django_oidc.views import (
    OIDCAuthenticationCallbackView,
    OIDCAuthenticationRequestView,
)

from back_office.pages.staff import identity_provider
from back_office.pages.staff.accounts import NoAccess, account_of
from back_office.pages.staff.identity_provider import NotProven, ProviderAway
from config.middleware.desk_limit import LOG_INS, busy
from runtime.slots import Slots

logger = structlog.get_logger(__name__)

LOG_IN_SECONDS = 600
"""How long a log-in that was begun may take, and its session stays."""
_asking = Slots(at_once=1, waiting=1, timeout=2.0)
"""A provider that hangs keeps one thread of the desk, and one for a moment."""


class SingleSignOn(ModelBackend):
    """Django's authentication backend for those who come back with a code."""

    def authenticate(  # type: ignore[override] # so that passwords never come here
        self, request: HttpRequest, *, nonce: str, code_verifier: str
    ) -> User:
        """Raises NotProven, NoAccess or ProviderAway."""
        token = identity_provider.redeem(
            {
                "grant_type": "authorization_code",
                "client_id": settings.SSO_CLIENT_ID,
                "client_secret": settings.SSO_CLIENT_SECRET,
                "code": request.GET["code"],
                "code_verifier": code_verifier,
                "redirect_uri": absolutify(request, reverse("single_sign_on_callback")),
            }
        )
        return account_of(identity_provider.verified(token, nonce=nonce))

    def get_user(self, user_id: int) -> User | None:
        """Switched off, it ends its sessions."""
        return super().get_user(user_id) if identity_provider.is_on() else None


class Begin(OIDCAuthenticationRequestView):  # type: ignore[misc] # it has no types
    """Sends the browser to the provider."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        def begin() -> HttpResponseBase:
            self.OIDC_OP_AUTH_ENDPOINT = identity_provider.provider().authorization_endpoint
            self.OIDC_RP_CLIENT_ID = settings.SSO_CLIENT_ID
            # Anybody may begin: what nobody went on with makes room.
            request.session.clear_expired()
            if not request.user.is_authenticated:
                request.session.set_expiry(LOG_IN_SECONDS)
            answer: HttpResponseRedirect = super(Begin, self).get(request)
            return answer

        return _told(request, begin)


class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc] # it has no types
    """Takes whoever comes back, if the provider vouches for them and a group leads to a role."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        def finish() -> HttpResponseBase:
            # Whoever sends somebody else's browser here neither logs it in nor out.
            if request.GET.get("state", "") not in request.session.get("oidc_states", {}):
                raise NotProven("This browser has not begun it, or too long ago.")
            answer: HttpResponse = super(Callback, self).get(request)
            return answer

        return _told(request, finish)

    def login_success(self) -> HttpResponse:
        answer: HttpResponse = super().login_success()
        self.request.session.set_expiry(None)
        return answer

    def login_failure(self) -> HttpResponse:
        raise NotProven("The identity provider says that it did not work.")


def _told(request: HttpRequest, step: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What a step answers, or a page that says why there is no log-in."""
    if not identity_provider.is_on():
        raise Http404
    slot = _asking.take()
    if slot is None:
        return busy(LOG_INS)
    try:
        return step()
    except NoAccess:
        return _refused(request, 403, _("Your account gives no access here. Ask for a role."))
    except (NotProven, SuspiciousOperation) as error:
        logger.warning("A log-in by single sign-on was refused", reason=str(error))
        return _refused(request, 403, _("The log-in could not be confirmed. Try once more."))
    except ProviderAway as error:
        logger.warning("The identity provider is away", reason=str(error))
        return _refused(request, 503, _("The log-in service does not answer. Try again soon."))
    finally:
        slot.give_back()


def _refused(request: HttpRequest, status: int, says: str) -> HttpResponse:
    context: Mapping[str, object] = {**admin.site.each_context(request), "says": says}
    return render(request, "admin/not_logged_in.html", context, status=status)
