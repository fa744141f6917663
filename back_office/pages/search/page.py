"""The search box: straight to the record when there is one, else a list of what was found."""

from collections.abc import Mapping

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from back_office.audit import persons, seen
from back_office.audit.log import Actor
from back_office.audit.seen import Shown
from back_office.audit.staff import staff_of
from back_office.models import Viewing
from back_office.pages.search import find as searching
from back_office.pages.search import mistyped
from back_office.pages.search.find import Found, Kind
from back_office.privacy import personal_data
from back_office.story import details, explanations
from back_office.wording import labels
from dispatch.models import ChannelPause
from runtime import clock

MAY_FIND = ("orders.view_order", "notifications.view_notification")
SEE_OTHER = 303
PERSONS = (Kind.PERSON, Kind.ORGANIZATION, Kind.EMAIL, Kind.MOBILE)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """By POST only, and the list is the answer itself: what is asked for names a person, and the
    address of a page ends up in logs, histories and bookmarks. GET answers with the empty box."""
    if not request.user.has_perms(MAY_FIND):
        raise PermissionDenied
    term = request.POST.get("term", "")
    found = searching.find(term)
    _note(request, searching.kinds(term), found)
    if address := _address_of(found):
        return HttpResponseRedirect(address, status=SEE_OTHER)
    kinds = searching.kinds(term)
    context = {
        **admin.site.each_context(request),
        "title": _("Search"),
        "term": term.strip(),
        "asked": bool(kinds),
        "kinds": [str(kind.label) for kind in kinds],
        "is_address": not kinds.keys().isdisjoint({Kind.EMAIL, Kind.MOBILE}),
        "is_name": mistyped.is_name(term),
        "has_wrong_digits": mistyped.has_wrong_digits(kinds),
        "near": [] if found.orders or found.notifications else mistyped.near(kinds),
        "hide_header_search": True,
        **_rows(found),
    }
    return TemplateResponse(request, "back_office/found.html", context)


def _note(request: HttpRequest, kinds: Mapping[Kind, str], found: Found) -> None:
    """Whom was asked for, found or not, and whom the answer names."""
    asked = {kinds[kind] for kind in PERSONS if kind in kinds}
    named = persons.named_by(found.notifications)
    by = Actor.of(staff_of(request))
    seen.write(Shown(Viewing.How.SEARCH, "search"), asked | named, by=by, now=clock.now())


def _address_of(found: Found) -> str | None:
    """The page of the one record that was found, if it is one."""
    if notification := found.the_notification:
        return reverse("admin:notifications_notification_change", args=[notification.pk])
    if order := found.the_order:
        return reverse("admin:orders_order_change", args=[order.pk])
    return None


def _rows(found: Found) -> dict[str, object]:
    """Always masked: to see an address, open its page and name a case."""
    now = clock.now()
    pauses = personal_data.masked(ChannelPause.objects.in_force(now=now))
    personal_data.masked(one.order for one in found.notifications)
    return {
        "found": found,
        "orders": [
            {
                "order": one,
                "label": labels.of_order(one),
                "explanation": explanations.of_order(one, now=now),
            }
            for one in personal_data.masked(found.orders)
        ],
        "notifications": [
            {
                "notification": one,
                "label": labels.of_notification(one),
                "address": one.address,
                "recipient": details.recipient_of(one),
                "explanation": explanations.of_notification(
                    one, order=one.order, pauses=pauses, now=now
                ),
            }
            for one in personal_data.masked(found.notifications)
        ],
    }
