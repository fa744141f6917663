"""Settings of the log: one line of JSON an event. Addresses, identity numbers and secrets never
reach it."""

import structlog

from config.log_lines import SHARED, JsonLines
from config.settings.reading import env, log_level

LOG_LEVEL = env.parsed("LOG_LEVEL", log_level, default="INFO")
# Told to others; both need requirements-watching.txt.
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
OTEL_EXPORTER_OTLP_HEADERS = env.str("OTEL_EXPORTER_OTLP_HEADERS", default="")
OTEL_TRACES_SAMPLER_ARG = env.float("OTEL_TRACES_SAMPLER_ARG", default=1.0)
SENTRY_DSN = env.str("SENTRY_DSN", default="")

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # A run every second is not news.
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # What failed is told as a warning, without names; the rest is in the back office.
        "axes": {"level": "WARNING"},
        # The API's own log has a line for each request, without addresses that name an order.
        "django.request": {"level": "ERROR"},
    },
}
