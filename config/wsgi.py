"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_half_configured
from config.loaded import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
application = get_wsgi_application()
refuse_half_configured()
spare_what_is_loaded()
