"""The admin site of the support desk: its front page and the pages that belong to no table."""

from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.i18n import JavaScriptCatalog

from back_office.pages.dashboard import page as dashboard
from back_office.pages.search import page as finding
from back_office.pages.seen.page import who_has_seen
from back_office.pages.staff import identity_provider, log_in
from back_office.pages.staff.local_log_in import LogInForm
from back_office.pages.statistics import file as statistics_file
from back_office.pages.statistics import page as statistics
from back_office.unfold_types import UnfoldAdminSite


class BackOfficeSite(UnfoldAdminSite):
    """Django's admin with unfold's looks."""

    login_form = LogInForm

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [
            # Before unfold's own search at the same address, which takes the words from the URL.
            path("search/", self.admin_view(finding.find), name="find"),
            path("who-has-seen/", self.admin_view(who_has_seen), name="who_has_seen"),
            path("dashboard/", self.admin_view(dashboard.dashboard), name="dashboard"),
            path("statistics/", self.admin_view(statistics.page), name="statistics"),
            path(
                "statistics/export/",
                self.admin_view(statistics_file.export),
                name="statistics_export",
            ),
        ]
        # Nothing of the desk has a page on another site to be led to.
        rest = [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]
        return [*own, *rest]

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The form, and what becomes of it."""

        def answer() -> HttpResponse:
            context = {"single_sign_on": _single_sign_on(request), **(extra_context or {})}
            return super(BackOfficeSite, self).login(request, context)

        return log_in.limited(request, answer) if request.method == "POST" else answer()

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """What scripts say: Django's catalogue, completed by ours."""
        return JavaScriptCatalog(request=request).get(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        """The figures of the day, in place of a list of the tables."""
        figures = {"title": _("Dashboard"), **dashboard.context(request), **(extra_context or {})}
        figures["hide_header_search"] = True  # the page has a larger one
        return super().index(request, figures)


def _single_sign_on(request: HttpRequest) -> str:
    """Where it begins, and where to go after it; "" while it is off."""
    if not identity_provider.is_on():
        return ""
    wanted = request.GET.get(REDIRECT_FIELD_NAME)
    query = f"?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else ""
    return reverse("single_sign_on") + query
