"""Settings of the test suite: production's, against the throw-away services of the run."""

from config.settings import base
from config.settings.local import *  # noqa: F403

SECRET_KEY = "only-for-tests"  # noqa: S105
WEBHOOK_KEYS = ["only-for-tests"]
AUDIT_KEYS = ["only-for-tests"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SILENCED_SYSTEM_CHECKS = ["config.E001", "config.E002", "config.E008", "config.W001"]

# script/test refuses migrations under which the version that still runs would fail or wait.
INSTALLED_APPS = [*base.INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [
        "back_office",
        "config",
        "dispatch",
        "events",
        "notifications",
        "orders",
        "recipients",
    ],
    "sql_analyser": "postgresql",
    "warnings_as_errors": [],
    "no_cache": True,
    # They build indexes under a lock, and were made before the first version ran anywhere.
    "ignore_name": ["0003_held_and_resent", "0003_hold_stop_and_creators_settings"],
}
