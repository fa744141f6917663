"""Settings of production: what differs between installations comes from the environment."""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
import environ

from config.middleware.chains import ALL, PEOPLE, PROGRAMS, chain_of
from config.settings.back_office import *  # noqa: F403
from config.settings.logs import *  # noqa: F403
from config.settings.reading import env, json_object, own_address, resolvers
from dispatch.gateways.email import helo_name
from orders.senders.sms_senders import numbers_by_country
from recipients import allowed

# Lets annotations such as ModelAdmin[Order] stand at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="")
# Known for a while after another one has taken their place: whoever is logged in stays so.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "back_office.apps.BackOfficeConfig",
    "dispatch",
    "events",
    "notifications",
    "orders",
    "recipients",
    "pgtrigger",
    "pghistory",
    "django_celery_beat",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "anymail",
    "axes",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "back_office.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

# Each chain in this order (config.middleware.chains); Django's own setting is people's.
_WHOLE = [
    (PROGRAMS, "config.middleware.trace.TraceApiRequests"),
    (PEOPLE, "config.middleware.trace.TraceRequests"),
    (ALL, "config.middleware.headers.SecurityHeaders"),
    (PROGRAMS, "config.middleware.guesses.WebhookGuesses"),
    (ALL, "django.middleware.security.SecurityMiddleware"),
    (PEOPLE, "whitenoise.middleware.WhiteNoiseMiddleware"),
    (PEOPLE, "config.middleware.language.StaffLanguage"),
    (PEOPLE, "config.middleware.desk_limit.DeskLimit"),
    (ALL, "config.api.errors.DatabaseAway"),
    (PEOPLE, "back_office.wording.local_time.LocalTime"),
    (PEOPLE, "django.contrib.sessions.middleware.SessionMiddleware"),
    (ALL, "config.middleware.probes.KnownHosts"),
    (PEOPLE, "django.middleware.csrf.CsrfViewMiddleware"),
    (PEOPLE, "config.middleware.for_staff.Texts"),
    (PEOPLE, "django.contrib.auth.middleware.AuthenticationMiddleware"),
    (PEOPLE, "config.middleware.inactivity.Inactivity"),
    (PEOPLE, "django.contrib.messages.middleware.MessageMiddleware"),
    (ALL, "django.middleware.clickjacking.XFrameOptionsMiddleware"),
    (PEOPLE, "axes.middleware.AxesMiddleware"),
]
API_MIDDLEWARE = chain_of(PROGRAMS, _WHOLE)
MIDDLEWARE = chain_of(PEOPLE, _WHOLE)

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "back_office.pages.staff.local_log_in.LocalLogIn",
    "back_office.pages.staff.single_sign_on.SingleSignOn",
]

ROOT_URLCONF = "config.urls"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Staff choose; the API speaks the contract's English whatever a caller accepts.
LANGUAGE_CODE = "en"
LANGUAGES = [("nb", "Bokmål"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The web process: how many requests it works on at once, and how slowly bodies may come.
WEB_THREADS = env.int("WEB_THREADS", default=4)
BODY_SECONDS = env.float("BODY_SECONDS", default=10.0)
MIN_BODY_RATE = env.int("MIN_BODY_RATE", default=50_000)
# How long a statement of a web process may take; who asked is not waited for any longer in front.
WEB_STATEMENT_SECONDS = env.float("WEB_STATEMENT_SECONDS", default=30.0)
# From being asked to stop until requests are taken in no more: so long /ready says it.
LEAVING_SECONDS = env.float("LEAVING_SECONDS", default=5.0)

# PostgreSQL, with a pool in each web or threaded worker process. Hot statements are prepared: that
# needs binding on the server, and a threshold (Django's default is never).
DATABASE_URL = env.str("DATABASE_URL", default="")
_LOCAL_DATABASE = "postgresql:///notifications"
# In place of a URL that cannot be read: nothing must happen to another database meanwhile.
_NO_DATABASE = "postgresql://127.0.0.1:1/none"


def _database(url: str) -> dict[str, object]:
    return {**dj_database_url.parse(url, engine="config.database")}


DATABASES: dict[str, dict[str, Any]] = {
    "default": env.parsed("DATABASE_URL", _database, default={})
    or _database(_NO_DATABASE if DATABASE_URL else _LOCAL_DATABASE)
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    pool={
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=12),
        # How long a request waits for one before it is answered with 503.
        "timeout": 3,
        # It waits twice as long after each try in vain, and begins anew after so many seconds.
        "reconnect_timeout": 4,
    },
    prepare_threshold=5,
    server_side_binding=True,
    application_name="notifications",
)

# Redis carries wake-up calls only and may be lost at any moment.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
# A run is done with once it has begun: should its worker die, the next one comes within seconds.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
# No results, so no job of Celery's own that cleans up after them.
CELERY_RESULT_EXPIRES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For ever: a worker that gave up would need somebody to start it again.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
# Nor is Redis told that a run is done with: a worker ends of having to tell one that has gone.
CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False}
CELERY_BEAT_SCHEDULER = "config.jobs.beat.JobScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = "UTC"
DJANGO_CELERY_BEAT_TZ_AWARE = True

# The public address, used for links and the Location header.
# Calls of libraries go by it, too (runtime.web.outgoing_proxy).
OUTGOING_PROXY = env.str("OUTGOING_PROXY", default="")
OUTGOING_PROXY_EXCEPT = env.list("OUTGOING_PROXY_EXCEPT", default=[])
PUBLIC_BASE_URL = env.parsed("PUBLIC_BASE_URL", own_address, default="http://localhost:8000")

# Who may call: Altinn bearer tokens and platform access tokens.
ALTINN_WELL_KNOWN = env.str("ALTINN_WELL_KNOWN", default="")
ALTINN_JWKS = env.str("ALTINN_JWKS", default="")
ALTINN_ISSUERS = env.list("ALTINN_ISSUERS", default=[])
PLATFORM_TOKEN_JWKS = env.str("PLATFORM_TOKEN_JWKS", default="")
DEVELOPMENT_TOKEN_KEY = env.str("DEVELOPMENT_TOKEN_KEY", default="")
DEVELOPMENT_TOKEN_ISSUER = env.str("DEVELOPMENT_TOKEN_ISSUER", default="")

# The registers, and the keys and tokens we present to others.
PROFILE_URL = env.str("PROFILE_URL", default="")
DIALOGPORTEN_URL = env.str("DIALOGPORTEN_URL", default="")
REGISTER_URL = env.str("REGISTER_URL", default="")
AUTHORIZATION_URL = env.str("AUTHORIZATION_URL", default="")
AUTHORIZATION_KEY = env.str("AUTHORIZATION_KEY", default="")
PLATFORM_TOKEN_KEY = env.str("PLATFORM_TOKEN_KEY", default="")
MASKINPORTEN_URL = env.str("MASKINPORTEN_URL", default="")
MASKINPORTEN_CLIENT_ID = env.str("MASKINPORTEN_CLIENT_ID", default="")
MASKINPORTEN_KEY = env.str("MASKINPORTEN_KEY", default="")
REGISTER_CALL_TIMEOUT = env.float("REGISTER_CALL_TIMEOUT", default=5.0)
LOOK_UP_TIMEOUT = env.float("LOOK_UP_TIMEOUT", default=10.0)

# Send conditions.
SEND_CONDITION_ALLOWED_HOSTS = env.list("SEND_CONDITION_ALLOWED_HOSTS", default=[])
SEND_CONDITION_ALLOWED_PORTS = env.ints("SEND_CONDITION_ALLOWED_PORTS", default=[80, 443])
SEND_CONDITION_TOKEN_OVER_HTTP = env.bool("SEND_CONDITION_TOKEN_OVER_HTTP", default=False)
SEND_CONDITION_FAIL_OPEN = env.bool("SEND_CONDITION_FAIL_OPEN", default=True)
SEND_CONDITION_TEST_ENDPOINT = env.bool("SEND_CONDITION_TEST_ENDPOINT", default=False)

# Attachments: where files are fetched, and how large they may be.
ATTACHMENT_HOSTS = env.list("ATTACHMENT_HOSTS", default=[".blob.core.windows.net"])
ATTACHMENT_ALLOWED_HOSTS = env.list("ATTACHMENT_ALLOWED_HOSTS", default=[])
MAX_ATTACHMENT_BYTES = env.int("MAX_ATTACHMENT_BYTES", default=10_000_000)
MAX_ATTACHMENTS_BYTES = env.int("MAX_ATTACHMENTS_BYTES", default=25_000_000)

# Orders.
MAX_RECIPIENTS = env.int("MAX_RECIPIENTS", default=100_000)
MAX_REMINDERS = env.int("MAX_REMINDERS", default=100)
MAX_ATTACHMENTS = env.int("MAX_ATTACHMENTS", default=100)
MAX_TEXT_BYTES = env.int("MAX_TEXT_BYTES", default=65_536)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MAX_BODY_BYTES", default=30_000_000)
CREATOR_REQUESTS_PER_MINUTE = env.int("CREATOR_REQUESTS_PER_MINUTE", default=6_000)
CREATOR_RECIPIENTS_PER_MINUTE = env.int("CREATOR_RECIPIENTS_PER_MINUTE", default=1_000_000)
END_USER_REQUESTS_PER_MINUTE = env.int("END_USER_REQUESTS_PER_MINUTE", default=120)
MAX_SCHEDULE_DAYS = env.int("MAX_SCHEDULE_DAYS", default=1_830)
ORDER_GIVE_UP_HOURS = env.int("ORDER_GIVE_UP_HOURS", default=48)
RETENTION_DAYS = env.int("RETENTION_DAYS", default=90)
DIALOG_LOG_DAYS = env.int("DIALOG_LOG_DAYS", default=730)
DETACH_AFTER_MONTHS = env.int("DETACH_AFTER_MONTHS", default=0)
AUDIT_KEYS = env.list("AUDIT_KEYS", default=[])
MAX_UNMASKED_ROWS = env.int("MAX_UNMASKED_ROWS", default=1_000)
AUDIT_VIEWS_DAYS = env.int("AUDIT_VIEWS_DAYS", default=730)
# Some letter or digit at first, a digit somewhere, and nothing that cases are not called by.
CASE_REFERENCE_PATTERN: str = env.str(
    "CASE_REFERENCE_PATTERN", default=r"(?=.*[0-9])\w[\w .:/#&()-]{1,98}"
)

# The dashboard says that notifications are late when they are overdue by more.
LATE_NOTIFICATION_MINUTES = env.int("LATE_NOTIFICATION_MINUTES", default=15)

# Webhooks: what seals their secrets, whom they may lie with, and how many calls are made at once.
WEBHOOK_KEYS = env.list("WEBHOOK_KEYS", default=[])
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
WEBHOOK_ALLOWED_PORTS = env.ints("WEBHOOK_ALLOWED_PORTS", default=[443])
WEBHOOK_IN_FLIGHT = env.int("WEBHOOK_IN_FLIGHT", default=500)
WEBHOOK_IN_FLIGHT_OF_EACH = env.int("WEBHOOK_IN_FLIGHT_OF_EACH", default=50)
WEBHOOK_RETENTION_DAYS = env.int("WEBHOOK_RETENTION_DAYS", default=30)
MAX_WEBHOOKS = env.int("MAX_WEBHOOKS", default=10)

# Whether orders are from senders only that staff have verified for their service owner, of whom
# none is verified, too.
ENFORCE_SENDERS = env.bool("ENFORCE_SENDERS", default=False)

# Who takes messages: gateways by channel and name. Where a channel has none here, the settings for
# one provider below make it (dispatch.gateways.configured).
GATEWAYS: dict[str, Any] = env.parsed("GATEWAYS", json_object, default={})

# Of an installation for tests: nothing leaves but to these.
TEST_MODE = env.bool("TEST_MODE", default=False)
TEST_MODE_ALLOWS: list[str] = env.parsed("TEST_MODE_ALLOWS", allowed.entries, default=[])

# SMS.
SMS_SEND_WINDOW = env.str("SMS_SEND_WINDOW", default="09:00-17:00")
DEFAULT_SMS_SENDER = env.str("DEFAULT_SMS_SENDER", default="Altinn")
SMS_SENDER_BY_COUNTRY: dict[str, str] = env.parsed(
    "SMS_SENDER_BY_COUNTRY", numbers_by_country, default={}
)
SMS_PART_PRICE = env.float("SMS_PART_PRICE", default=0.0)
SMS_TOO_LONG = env.str("SMS_TOO_LONG", default="refuse")
SMS_PLAIN_TYPOGRAPHY = env.bool("SMS_PLAIN_TYPOGRAPHY", default=True)
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_CLIENT = env.str("SMS_GATEWAY_CLIENT", default="")
SMS_GATEWAY_PASSWORD = env.str("SMS_GATEWAY_PASSWORD", default="")
SMS_REPORTS_USER = env.str("SMS_REPORTS_USER", default="")
SMS_REPORTS_PASSWORD = env.str("SMS_REPORTS_PASSWORD", default="")
SMS_REPORTS_PASSWORD_FALLBACKS = env.list("SMS_REPORTS_PASSWORD_FALLBACKS", default=[])
SMS_IN_FLIGHT = env.int("SMS_IN_FLIGHT", default=200)

# E-mail: SMTP over kept connections, or any provider that django-anymail knows.
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.parsed("EMAIL_URL", environ.Env.email_url_config, default={}))
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=30.0)
# How we greet mail servers; a machine's own name may be that of a container.
EMAIL_HELO_NAME = env.str("EMAIL_HELO_NAME", default="") or helo_name.of_address(PUBLIC_BASE_URL)
DEFAULT_EMAIL_FROM = env.str("DEFAULT_EMAIL_FROM", default="noreply@altinn.cloud")
EMAIL_REPORTS_FROM = env.str("EMAIL_REPORTS_FROM", default="")
EMAIL_REPORTS_FRESH_MINUTES = env.int("EMAIL_REPORTS_FRESH_MINUTES", default=30)
# What service owners publish of their domains, so that we may send from them, and whom it is
# looked up with: nobody, unless resolvers are named.
SENDER_SPF_INCLUDE = env.str("SENDER_SPF_INCLUDE", default="")
SENDER_DKIM_SELECTOR = env.str("SENDER_DKIM_SELECTOR", default="")
SENDER_DKIM_KEY = env.str("SENDER_DKIM_KEY", default="")
SENDER_ENVELOPE_DOMAIN = env.str("SENDER_ENVELOPE_DOMAIN", default="")
SENDER_DNS: list[tuple[str, int]] = env.parsed("SENDER_DNS", resolvers, default=[])
EMAIL_IN_FLIGHT = env.int("EMAIL_IN_FLIGHT", default=16)
COMPOSED_EMAIL_IN_FLIGHT = env.int("COMPOSED_EMAIL_IN_FLIGHT", default=4)
# django-anymail reads each provider's keys from ANYMAIL_<PROVIDER>_<SETTING>.
ANYMAIL = env.of_anymail()

# What to do with a message whose fate at the gateway is unknown: send again, or end it as failed.
RESEND_AFTER_UNKNOWN_OUTCOME = env.bool("RESEND_AFTER_UNKNOWN_OUTCOME", default=True)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.authentication.AltinnTokens"],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.permissions.MayCreateNotifications"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsers.JsonBody"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.parsers.JsonAnswer"],
    "DEFAULT_SCHEMA_CLASS": "config.api.public_schema.PublicSchema",
    "EXCEPTION_HANDLER": "config.api.errors.to_response",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.api.parsers.AlwaysJson",
}

# Whom service owners may ask: the description of the API says so.
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="")
SPECTACULAR_SETTINGS = {
    "TITLE": "Notifications",
    "DESCRIPTION": "Order SMS and e-mail notifications, and read what became of them.",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api.description.without_alternatives",
    ],
    "OAS_VERSION": "3.1.1",
    "CONTACT": {"name": "Support", "url": f"{PUBLIC_BASE_URL}/swagger/"}
    | ({"email": SUPPORT_EMAIL} if SUPPORT_EMAIL else {}),
    "LICENSE": {"name": "MIT License", "identifier": "MIT"},
    "SERVERS": [
        {"url": PUBLIC_BASE_URL, "description": "This installation."},
        {"url": "/", "description": "Wherever this description is read."},
    ],
    "TAGS": [
        {"name": "Order", "description": "Placing notifications with their reminders."},
        {
            "name": "Instant Orders",
            "description": "One message at once, as one-time passwords are.",
        },
        {"name": "Status", "description": "What became of shipments, one by one or as they end."},
        {"name": "Events", "description": "Webhooks: what ends is posted to an endpoint."},
        {
            "name": "Deprecated",
            "description": "The first version: still supported, for as long as there are clients.",
        },
        {"name": "tests", "description": "For trying things out."},
    ],
    "EXTERNAL_DOCS": {
        "url": "https://docs.altinn.studio/notifications/",
        "description": "The product that this API re-implements.",
    },
}

# Who may read the numbers for Prometheus: whoever has the token; without one, this machine only.
# FALLBACKS, here and below, are what was good before, and still is while a secret is replaced.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_TOKEN_FALLBACKS = env.list("METRICS_TOKEN_FALLBACKS", default=[])
# Who may read the monthly and daily numbers, and what their files call this installation.
METRICS_API_KEY = env.str("METRICS_API_KEY", default="")
METRICS_API_KEY_FALLBACKS = env.list("METRICS_API_KEY_FALLBACKS", default=[])
ENVIRONMENT_NAME = env.str("ENVIRONMENT_NAME", default="Production")
# Who may wake jobs over HTTP: whoever has the token; without one, this machine only.
TRIGGER_TOKEN = env.str("TRIGGER_TOKEN", default="")
TRIGGER_TOKEN_FALLBACKS = env.list("TRIGGER_TOKEN_FALLBACKS", default=[])
WORKER_METRICS_HOST = env.str("WORKER_METRICS_HOST", default="127.0.0.1")
WORKER_METRICS_PORT = env.int("WORKER_METRICS_PORT", default=0)

# The TLS proxy in front must set this header itself, whatever its clients send.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("TLS_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
# How many proxies of ours stand in front, each of which adds to X-Forwarded-For.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)
# Of the threads of one web process: one more may wait, the others are the API's.
MAX_DESK_REQUESTS = env.int("MAX_DESK_REQUESTS", default=2)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# HSTS for this host only: its neighbours under the domain are not ours to speak for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
