"""Every setting that the environment may hold, and what it may be: one line for each.

docs/settings.md shows this table; a test holds both to what config.settings reads.
"""

from collections.abc import Mapping

from config.setting_rules.credentials import given_secret, secret, secrets, user_name
from config.setting_rules.files import folder, keys_of_issuers, published_keys, signing_key
from config.setting_rules.hosts import (
    bind_host,
    called_hosts,
    called_ports,
    served_hosts,
    store_hosts,
)
from config.setting_rules.programs import forbidden, known_name, mail_backend
from config.setting_rules.rule import Rule
from config.setting_rules.servers import broker, database, mail_server
from config.setting_rules.values import (
    allowed_in_test_mode,
    document,
    email_address,
    name_in_files,
    number,
    one_of,
    one_word,
    pattern,
    seconds,
    senders_by_country,
    sms_sender,
    text,
    truth,
    window,
)
from config.setting_rules.web_addresses import issuers, origins, service
from config.settings.reading import LOG_LEVELS
from dispatch.gateways.email.event_providers import PROVIDERS
from orders.sms_text import REFUSE, TRUNCATE

_SENDS_NOTHING = [
    f"django.core.mail.backends.{n}" for n in ("console", "dummy", "filebased", "locmem")
]

RULES: Mapping[str, Rule] = {
    "SECRET_KEY": secret(32),
    "SECRET_KEY_FALLBACKS": secrets(32),
    "ALLOWED_HOSTS": served_hosts(),
    "CSRF_TRUSTED_ORIGINS": origins(),
    "TLS_REDIRECT": truth(doubtful_if=False, why="is off: plain HTTP is answered"),
    "HSTS_SECONDS": number(0, 63_072_000, warned={0: "is 0: browsers never insist on HTTPS"}),
    "PROXY_COUNT": number(0, 10),
    "MAX_DESK_REQUESTS": number(1, 100),
    "SESSION_IDLE_MINUTES": number(1, 480),
    "LOCAL_LOGIN_TOTP": truth(unfit_if=False, why="is off: a password alone opens the desk"),
    "SSO_ISSUER": service(),
    "SSO_CLIENT_ID": text("what the identity provider calls us"),
    "SSO_CLIENT_SECRET": given_secret(),
    "SSO_GROUP_CLAIM": text("the name of a claim of ID tokens"),
    "SSO_SUPPORT_GROUPS": text("groups as the claim spells them, with commas between them"),
    "SSO_OPERATOR_GROUPS": text("groups as the claim spells them, with commas between them"),
    "SSO_AUDITOR_GROUPS": text("groups as the claim spells them, with commas between them"),
    "SSO_TIMEOUT": seconds(0.1, 30),
    "DATABASE_URL": database(),
    "DATABASE_POOL_SIZE": number(1, 1_000),
    "WEB_THREADS": number(1, 256),
    "BODY_SECONDS": seconds(1, 600),
    "MIN_BODY_RATE": number(1, 1_000_000_000),
    "LEAVING_SECONDS": seconds(0, 60),
    "REDIS_URL": broker(),
    "PUBLIC_BASE_URL": service().or_warned(unset="is not set: links lead to localhost"),
    "LOG_LEVEL": one_of(*LOG_LEVELS, warned={"DEBUG": "has libraries log what they are given"}),
    "OTEL_EXPORTER_OTLP_ENDPOINT": text("the http or https address of a collector"),
    "OTEL_EXPORTER_OTLP_HEADERS": text("name=value, with commas between them"),
    "OTEL_TRACES_SAMPLER_ARG": number(0, 1, kind="share"),
    "SENTRY_DSN": text("the address, with its key, that Sentry gave for the project"),
    "ALTINN_WELL_KNOWN": service(),
    "ALTINN_JWKS": published_keys(),
    "ALTINN_ISSUERS": issuers(),
    "PLATFORM_TOKEN_JWKS": keys_of_issuers(),
    "DEVELOPMENT_TOKEN_KEY": forbidden("is set: `manage.py token` could speak for anybody"),
    "DEVELOPMENT_TOKEN_ISSUER": forbidden("is set, which is for development only"),
    "PROFILE_URL": service(),
    "DIALOGPORTEN_URL": service(),
    "REGISTER_URL": service(),
    "AUTHORIZATION_URL": service(),
    "AUTHORIZATION_KEY": given_secret(),
    "PLATFORM_TOKEN_KEY": signing_key(),
    "MASKINPORTEN_URL": service(),
    "MASKINPORTEN_CLIENT_ID": text("what Maskinporten calls us"),
    "MASKINPORTEN_KEY": signing_key(),
    "REGISTER_CALL_TIMEOUT": seconds(0.1, 60),
    "LOOK_UP_TIMEOUT": seconds(0.1, 120),
    "SEND_CONDITION_ALLOWED_HOSTS": called_hosts(),
    "SEND_CONDITION_ALLOWED_PORTS": called_ports(),
    "SEND_CONDITION_TOKEN_OVER_HTTP": truth(
        unfit_if=True, why="is on: anybody on the way could read the token"
    ),
    "SEND_CONDITION_FAIL_OPEN": truth(),
    "SEND_CONDITION_TEST_ENDPOINT": truth(
        doubtful_if=True, why="is on: an endpoint for trying things out answers anybody"
    ),
    "ATTACHMENT_HOSTS": store_hosts(),
    "ATTACHMENT_ALLOWED_HOSTS": called_hosts(),
    "MAX_ATTACHMENT_BYTES": number(1, 100_000_000),
    "MAX_ATTACHMENTS_BYTES": number(1, 100_000_000),
    "MAX_ATTACHMENTS": number(1, 1_000),
    "MAX_RECIPIENTS": number(1, 1_000_000),
    "MAX_REMINDERS": number(1, 1_000),
    "MAX_SCHEDULE_DAYS": number(1, 36_500),
    "MAX_TEXT_BYTES": number(1, 10_000_000),
    "MAX_BODY_BYTES": number(1_000, 1_000_000_000),
    "CREATOR_REQUESTS_PER_MINUTE": number(0, 10_000_000),
    "END_USER_REQUESTS_PER_MINUTE": number(0, 10_000_000),
    "CREATOR_RECIPIENTS_PER_MINUTE": number(0, 1_000_000_000),
    "ORDER_GIVE_UP_HOURS": number(1, 720),
    "CASE_REFERENCE_PATTERN": pattern(),
    "AUDIT_KEYS": secrets(32),
    "MAX_UNMASKED_ROWS": number(0, 100_000),
    "AUDIT_VIEWS_DAYS": number(0, 36_500, warned={0: "is 0: who has seen whom is kept for ever"}),
    "RETENTION_DAYS": number(0, 36_500, warned={0: "is 0: personal data is kept for ever"}),
    "DIALOG_LOG_DAYS": number(
        0, 36_500, warned={0: "is 0: addresses of notifications about a dialog are kept for ever"}
    ),
    "LATE_NOTIFICATION_MINUTES": number(1, 10_080),
    "WEBHOOK_KEYS": secrets(32),
    "WEBHOOK_ALLOWED_HOSTS": called_hosts(),
    "WEBHOOK_ALLOWED_PORTS": called_ports(),
    "WEBHOOK_IN_FLIGHT": number(1, 10_000),
    "WEBHOOK_IN_FLIGHT_OF_EACH": number(1, 1_000),
    "WEBHOOK_RETENTION_DAYS": number(
        0, 36_500, warned={0: "is 0: deliveries to webhooks are kept for ever"}
    ),
    "MAX_WEBHOOKS": number(1, 1_000),
    "ENFORCE_SENDERS": truth(),
    "GATEWAYS": document("the gateways of each channel"),
    "TEST_MODE": truth(doubtful_if=True, why="is true: nothing leaves but to TEST_MODE_ALLOWS"),
    "TEST_MODE_ALLOWS": allowed_in_test_mode(),
    "SMS_SEND_WINDOW": window(),
    "SMS_GATEWAY_URL": service(),
    "SMS_GATEWAY_CLIENT": text("what the gateway calls us"),
    "SMS_GATEWAY_PASSWORD": given_secret(),
    "SMS_REPORTS_USER": user_name(),
    "SMS_REPORTS_PASSWORD": secret(12),
    "SMS_REPORTS_PASSWORD_FALLBACKS": secrets(12),
    "DEFAULT_SMS_SENDER": sms_sender(),
    "SMS_SENDER_BY_COUNTRY": senders_by_country(),
    "SMS_PART_PRICE": number(0, 1_000, kind="number of kroner"),
    "SMS_TOO_LONG": one_word(REFUSE, TRUNCATE),
    "SMS_PLAIN_TYPOGRAPHY": truth(),
    "SMS_IN_FLIGHT": number(1, 10_000),
    "EMAIL_URL": mail_server(),
    "EMAIL_BACKEND": mail_backend(_SENDS_NOTHING),
    "EMAIL_HELO_NAME": text("our name in the public DNS, or an address in brackets"),
    "EMAIL_REPORTS_FROM": known_name(PROVIDERS, "provider that django-anymail has events from"),
    "EMAIL_REPORTS_FRESH_MINUTES": number(1, 1_440),
    "DEFAULT_EMAIL_FROM": email_address(),
    "EMAIL_TIMEOUT": seconds(0.1, 600),
    "EMAIL_IN_FLIGHT": number(1, 1_000),
    "COMPOSED_EMAIL_IN_FLIGHT": number(1, 100),
    "METRICS_TOKEN": secret(16).or_warned(unset="is not set: only this machine can read /metrics"),
    "METRICS_TOKEN_FALLBACKS": secrets(16),
    "METRICS_API_KEY": secret(16),
    "METRICS_API_KEY_FALLBACKS": secrets(16),
    "ENVIRONMENT_NAME": name_in_files(),
    "SUPPORT_EMAIL": email_address(),
    "TRIGGER_TOKEN": secret(16),
    "TRIGGER_TOKEN_FALLBACKS": secrets(16),
    "WORKER_METRICS_PORT": number(0, 65_535),
    "WORKER_METRICS_HOST": bind_host(),
    "PROMETHEUS_MULTIPROC_DIR": folder(),
    "RESEND_AFTER_UNKNOWN_OUTCOME": truth(),
}
