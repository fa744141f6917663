"""Settings of the test suite: production's, against the throw-away services of the run."""

from config.settings.local import *  # noqa: F403

SECRET_KEY = "only-for-tests"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SILENCED_SYSTEM_CHECKS = ["config.E001", "config.E002"]
