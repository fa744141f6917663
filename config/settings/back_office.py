"""Settings of the support desk: who gets in, and its pages' looks and navigation."""

from datetime import timedelta
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from config.settings.reading import env

# Five wrong passwords for one name from one address, and that pair waits.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "back_office.pages.staff.locked_out.locked_out"
AXES_USERNAME_CALLABLE = "config.middleware.login_name.login_name"
AXES_CLIENT_IP_CALLABLE = "config.middleware.client_address.client_address"
AXES_SENSITIVE_PARAMETERS = ["code"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # the desk has pages of its own

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

LOGIN_REDIRECT_URL = "admin:index"

# Whether a password is not enough without a one-time code.
LOCAL_LOGIN_TOTP = env.bool("LOCAL_LOGIN_TOTP", default=True)

# Single sign-on, off without an issuer: who may vouch for staff, and which groups there lead to
# which role here.
SSO_ISSUER = env.str("SSO_ISSUER", default="").rstrip("/")
SSO_CLIENT_ID = env.str("SSO_CLIENT_ID", default="")
SSO_CLIENT_SECRET = env.str("SSO_CLIENT_SECRET", default="")
SSO_GROUP_CLAIM = env.str("SSO_GROUP_CLAIM", default="groups")
SSO_SUPPORT_GROUPS = env.list("SSO_SUPPORT_GROUPS", default=[])
SSO_OPERATOR_GROUPS = env.list("SSO_OPERATOR_GROUPS", default=[])
SSO_AUDITOR_GROUPS = env.list("SSO_AUDITOR_GROUPS", default=[])
SSO_TIMEOUT = env.float("SSO_TIMEOUT", default=5.0)
# As mozilla-django-oidc calls them; the provider's own addresses are discovered.
OIDC_AUTHENTICATION_CALLBACK_URL = "single_sign_on_callback"
OIDC_OP_AUTHORIZATION_ENDPOINT = ""
OIDC_RP_CLIENT_ID = SSO_CLIENT_ID
OIDC_RP_SCOPES = "openid profile email"
OIDC_USE_PKCE = True
OIDC_MAX_STATES = 10

# A working day.
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=60)

_static = lazy(static, str)


def _page(title: object, icon: str, name: str, permission: str = "") -> dict[str, object]:
    """One entry of the side bar, shown to those who may see its page."""
    entry: dict[str, object] = {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}
    if permission:
        entry["permission"] = lambda request: request.user.has_perm(permission)
    return entry


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Notifications"),
    "SITE_HEADER": _("Notifications"),
    "SITE_SUBHEADER": _("Support desk"),
    "SITE_SYMBOL": "forward_to_inbox",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: _static("back_office/icon.svg")}
    ],
    # Tailwind's blue, the 500 a little lighter: links are readable on white and on dark rows.
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(66% .19 257.5)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "STYLES": [lambda request: _static("back_office/desk.css")],
    "SCRIPTS": [lambda request: _static("back_office/desk.js")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    _page(_("Dashboard"), "monitoring", "index"),
                    _page(_("Orders"), "list_alt", "orders_order_changelist", "orders.view_order"),
                    _page(
                        _("Notifications"),
                        "sms",
                        "notifications_notification_changelist",
                        "notifications.view_notification",
                    ),
                    _page(
                        _("Statistics"),
                        "bar_chart",
                        "statistics",
                        "notifications.view_dailycount",
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
                        _("Incidents"),
                        "history_toggle_off",
                        "dispatch_channelincident_changelist",
                        "dispatch.view_channelincident",
                    ),
                    _page(
                        _("Delivery reports"),
                        "mark_email_read",
                        "dispatch_deliveryreport_changelist",
                        "dispatch.view_deliveryreport",
                    ),
                    _page(
                        _("Failed attempts"),
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
                    _page(
                        _("Senders"),
                        "alternate_email",
                        "orders_sender_changelist",
                        "orders.view_sender",
                    ),
                    _page(
                        _("Background jobs"),
                        "timer",
                        "dispatch_jobrun_changelist",
                        "dispatch.view_jobrun",
                    ),
                    _page(
                        _("Schedules"),
                        "schedule",
                        "django_celery_beat_periodictask_changelist",
                        "django_celery_beat.view_periodictask",
                    ),
                    _page(
                        _("Webhooks"),
                        "webhook",
                        "events_subscription_changelist",
                        "events.view_subscription",
                    ),
                    _page(
                        _("Webhook deliveries"),
                        "outbox",
                        "events_delivery_changelist",
                        "events.view_delivery",
                    ),
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
                        _("Audit log"),
                        "history",
                        "back_office_staffaction_changelist",
                        "back_office.view_staffaction",
                    ),
                    _page(
                        _("Who has seen"),
                        "visibility",
                        "who_has_seen",
                        "back_office.view_staffaction",
                    ),
                    _page(
                        _("What was changed"),
                        "edit_note",
                        "admin_logentry_changelist",
                        "admin.view_logentry",
                    ),
                    _page(
                        _("Failed log-ins"),
                        "lock_person",
                        "axes_accessattempt_changelist",
                        "axes.view_accessattempt",
                    ),
                    _page(_("Accounts"), "person", "auth_user_changelist", "auth.view_user"),
                    _page(_("Roles"), "group", "auth_group_changelist", "auth.view_group"),
                ],
            },
        ],
    },
}
