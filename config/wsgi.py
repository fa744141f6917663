"""The web process's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_half_configured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
application = get_wsgi_application()
refuse_half_configured()
# What is loaded by now stays for good: full collections, of which a large order causes several,
# need not look at it.
gc.collect()
gc.freeze()
