"""Settings of script/server: production's, with what a machine without TLS and a name needs."""

from config.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
# The development key is what prints the newcomer's tokens.
SILENCED_SYSTEM_CHECKS = ["config.E002"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
