"""Fills a database with one of everything that the desk shows, and hires staff of each role."""

from collections.abc import Iterator
from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from back_office.audit import roles
from dispatch.models import Attempt, ChannelPause, JobRun
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import pauses
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Channel, Creator
from tests.building import notification, order, processed_order

S = NotificationStatus


def set_up() -> dict[str, Any]:
    """The patterns of all addresses, the sessions of each role, and what exists in each folder of
    the desk."""
    now = timezone.now()
    creator, _ = Creator.objects.get_or_create(short_name="fuzz")
    sms = processed_order(creator, S.NEW, S.ACCEPTED, S.DELIVERED, S.FAILED, S.FAILED_TTL, now=now)
    mail = processed_order(creator, S.SUCCEEDED, S.FAILED_BOUNCED, channel=Channel.EMAIL, now=now)
    order(creator, now=now)
    processed_order(creator, S.FAILED, status="Completed", now=now)
    failed = notification(sms, S.FAILED, gateway_reference="fuzz")
    Attempt.objects.create(
        notification=failed, outcome=Attempt.Outcome.ERROR, reason="No answer.", created=now
    )
    report = ReceivedReport(NotificationChannel.SMS, "fuzz", None, {"receiver": "47"})
    delivery_reports.store(reports=[report], now=now)
    delivery_reports.apply_due(now=now)
    pauses.pause(
        NotificationChannel.EMAIL, ChannelPause.Cause.BREAKER, until=now, reason="Errors.", now=now
    )
    del mail
    sessions = {}
    for role in (*roles.GROUPS, "chief"):
        user = User.objects.create_user(f"fuzz-{role}", password="x", is_staff=True)
        user.is_superuser = role == "chief"
        user.save()
        user.groups.set(Group.objects.filter(name=role))
        sessions[role] = _session_of(user)
        LogEntry.objects.create(user=user, action_flag=1, object_repr="x", change_message="[{}]")
    AccessAttempt.objects.create(username="x", failures_since_start=1, attempt_time=now)
    AccessLog.objects.create(username="x", attempt_time=now)
    JobRun.objects.create(name="fuzz", started_at=now)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE fuzz_user AS SELECT * FROM auth_user")
        cursor.execute("CREATE TABLE fuzz_session AS SELECT * FROM django_session")
    return {
        "patterns": list(patterns()),
        "sessions": sessions,
        "known": known(),
    }


def known() -> dict[str, dict[str, list[str]]]:
    """By folder of the desk and parameter of its addresses: keys of rows, and the names of what can
    be done to them."""
    found = {}
    for model, page in admin.site._registry.items():
        folder = f"admin/{model._meta.app_label}/{model._meta.model_name}"
        rows = model._default_manager.all()[:5]
        found[folder] = {
            "object_id": [str(row.pk) for row in rows],
            "action": [action.name for action in getattr(page, "staff_actions", ())],
        }
    return found


def patterns(
    listed: list[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[str]:
    """Every address of the URL configuration, as it is written there."""
    for pattern in get_resolver().url_patterns if listed is None else listed:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, address)
        else:
            yield address


def _session_of(user: User) -> str:
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "back_office.pages.staff.local_log_in.LocalLogIn"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
