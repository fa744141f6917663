"""Expands all due orders in this process, as a worker does, and prints the seconds it takes."""

import time

import django
from django.utils import timezone

django.setup()

from config.loaded import spare_what_is_loaded  # noqa: E402 - needs the set-up
from notifications.expansion.expand import process_past_due_orders  # noqa: E402
from notifications.tasks import processing  # noqa: E402

process_past_due_orders(now=timezone.now().replace(year=2000))  # opens the connection
spare_what_is_loaded()
began = time.perf_counter()
while processing():
    pass
print(time.perf_counter() - began)
