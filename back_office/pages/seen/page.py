"""Who has seen somebody's data: asked by a number or address, answered with who, when, where, and
for which case."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from back_office.audit import seen
from back_office.models import Viewing
from back_office.pages.search import find as searching
from back_office.pages.search.page import PERSONS
from back_office.privacy import personal_data

PERMISSION = "back_office.view_staffaction"
_PAGES = {
    "order": "admin:orders_order_change",
    "notification": "admin:notifications_notification_change",
    "report": "admin:dispatch_deliveryreport_change",
}


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def who_has_seen(request: HttpRequest) -> HttpResponse:
    """By POST only, like the search: what is asked for names a person."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    term = request.POST.get("term", "").strip()
    kinds = searching.kinds(term)
    named = {kind: kinds[kind] for kind in PERSONS if kind in kinds}
    viewings = personal_data.masked(seen.of(set(named.values()))) if named else []
    context = {
        **admin.site.each_context(request),
        "title": _("Who has seen"),
        "term": term,
        "asked": bool(term),
        "kinds": [str(kind.label) for kind in named],
        "rows": [{"viewing": one, "url": _url_of(one)} for one in viewings[: seen.MAX_SHOWN]],
        "more": len(viewings) > seen.MAX_SHOWN,
        "hide_header_search": True,
    }
    return TemplateResponse(request, "back_office/who_has_seen.html", context)


def _url_of(viewing: Viewing) -> str:
    """The page that was seen; "" for what is no page of a row."""
    kind, _space, key = viewing.page.partition(" ")
    return reverse(_PAGES[kind], args=[key]) if kind in _PAGES and key else ""
