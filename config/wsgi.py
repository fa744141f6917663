"""The web process's entry point."""

import os

import django

from config.checks import refuse_half_configured
from config.loaded import spare_what_is_loaded
from config.web_request import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup(set_prefix=False)
application = Application()
refuse_half_configured()
spare_what_is_loaded()
