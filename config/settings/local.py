"""Settings of script/server: production's, with what a machine without TLS and a name needs."""

from config.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
SECURE_SSL_REDIRECT = False
# Nobody distributes requests here.
LEAVING_SECONDS = env.float("LEAVING_SECONDS", default=0.0)  # type: ignore[name-defined]  # noqa: F405
SECURE_HSTS_SECONDS = 0
LOCAL_LOGIN_TOTP = env.bool("LOCAL_LOGIN_TOTP", default=False)  # type: ignore[name-defined]  # noqa: F405
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
LANGUAGE_COOKIE_SECURE = False
# The development key prints the newcomer's tokens, and the simulators live on this machine.
SILENCED_SYSTEM_CHECKS = ["config.E002", "config.E008", "config.W001"]
# The simulated condition endpoints speak no TLS.
SEND_CONDITION_TOKEN_OVER_HTTP = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
