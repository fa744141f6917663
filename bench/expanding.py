"""Expands all due orders in this process, as the job does, and prints the seconds it takes."""

import time

import django
from django.utils import timezone

django.setup()

from notifications.expansion.expand import process_past_due_orders  # noqa: E402 - needs the set-up
from notifications.tasks import processing  # noqa: E402

process_past_due_orders(now=timezone.now().replace(year=2000))  # opens the connection
began = time.perf_counter()
while processing():
    pass
print(time.perf_counter() - began)
