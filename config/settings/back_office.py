"""Settings of the support desk's pages: their looks and their navigation."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

_static = lazy(static, str)


def _page(title: Any, icon: str, name: str, permission: str = "") -> dict[str, Any]:
    """One entry of the side bar, shown to those who may see its page."""
    entry: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}
    if permission:
        entry["permission"] = lambda request: request.user.has_perm(permission)
    return entry


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Notifications"),
    "SITE_HEADER": _("Notifications"),
    "SITE_SUBHEADER": _("Support desk"),
    "SITE_SYMBOL": "forward_to_inbox",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "STYLES": [lambda request: _static("back_office/desk.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    _page(_("Today"), "monitoring", "index"),
                    _page(_("Orders"), "list_alt", "orders_order_changelist", "orders.view_order"),
                    _page(
                        _("Notifications"),
                        "sms",
                        "notifications_notification_changelist",
                        "notifications.view_notification",
                    ),
                ]
            },
            {
                "title": _("Gateways"),
                "items": [
                    _page(
                        _("Channel pauses"),
                        "pause_circle",
                        "dispatch_channelpause_changelist",
                        "dispatch.view_channelpause",
                    ),
                    _page(
                        _("Delivery reports"),
                        "mark_email_read",
                        "dispatch_deliveryreport_changelist",
                        "dispatch.view_deliveryreport",
                    ),
                    _page(
                        _("Abnormal attempts"),
                        "running_with_errors",
                        "dispatch_attempt_changelist",
                        "dispatch.view_attempt",
                    ),
                ],
            },
            {
                "title": _("Running"),
                "items": [
                    _page(
                        _("Service owners"),
                        "account_balance",
                        "orders_creator_changelist",
                        "orders.view_creator",
                    ),
                    _page(_("Ticks"), "timer", "dispatch_tick_changelist", "dispatch.view_tick"),
                    _page(
                        _("Status feed"),
                        "rss_feed",
                        "notifications_statusfeedentry_changelist",
                        "notifications.view_statusfeedentry",
                    ),
                ],
            },
            {
                "title": _("Staff"),
                "items": [
                    _page(
                        _("What staff did"),
                        "history",
                        "back_office_staffaction_changelist",
                        "back_office.view_staffaction",
                    ),
                    _page(_("Accounts"), "person", "auth_user_changelist", "auth.view_user"),
                    _page(_("Groups"), "group", "auth_group_changelist", "auth.view_group"),
                ],
            },
        ],
    },
}
