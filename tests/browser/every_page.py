"""Every page of the desk, as its addresses are configured, and a row for each of them to show."""

import json
from collections import defaultdict
from dataclasses import dataclass

from django.contrib import admin
from playwright.sync_api import APIRequestContext

from notifications.models import NotificationChannel
from script.launcher.system.running_system import RunningSystem
from tests.fuzzing.desk import patterns

OF_SITE = "admin"
"""The folder of what belongs to no table."""
CHANNELS = "admin/dispatch/channelpause"
_ROW, _ACTION, _ANYTHING = ("<path:object_id>", "<id>"), "<slug:action>", "(?P<"

# What the example orders leave empty. The webhook is paused, so nothing is sent.
_FILL = """
import json
from axes.models import AccessAttempt, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django_celery_beat.models import CrontabSchedule
from dispatch.models import Attempt, ChannelIncident
from events.models import Delivery, Subscription
from notifications.models import Notification
from back_office.models import StaffAction
from orders.models import Creator, Sender
from runtime import clock
from tests.fuzzing.desk import known

now = clock.now()
owner, _made = Creator.objects.get_or_create(short_name="every-page")
hook = Subscription.objects.create(
    creator=owner, endpoint="https://hook.example/", event_types=["shipment.completed"],
    state="Paused", state_at=now, secret="", cursor=0, rests_until=now, created=now,
)
Delivery.objects.create(
    subscription=hook, event="webhook.test", occurred_at=now, next_attempt_at=now, created=now,
    state="Delivered", ended_at=now, tries=[],
)
Sender.objects.create(
    creator=owner, kind="Email", address="post@every-page.example", state="Verified", state_at=now,
    created=now, verified_at=now,
)
ChannelIncident.objects.create(
    channel="Sms", cause="Person", reason="The gateway moved.", set_by="odd", began=now, ended=now
)
Attempt.objects.create(
    notification=Notification.objects.first(), outcome="Error", reason="No answer.", created=now
)
AccessAttempt.objects.create(username="x", failures_since_start=1, attempt_time=now)
AccessLog.objects.create(username="x", attempt_time=now)
CrontabSchedule.objects.get_or_create(minute="0", hour="4")
LogEntry.objects.create(
    user=User.objects.first(), action_flag=1, object_repr="x", change_message="[]"
)
StaffAction.objects.create(
    what="Held", subject_type="Order", subject_id=str(Notification.objects.first().order_id),
    staff=User.objects.first(), staff_name="x", when=now,
)
print(json.dumps(known()))
"""


def by_folder() -> dict[str, list[str]]:
    """The patterns of the desk's addresses, by the table that they are about."""
    tables = {f"admin/{m._meta.app_label}/{m._meta.model_name}" for m in admin.site._registry}
    found = defaultdict(list)
    for pattern in patterns():
        folder = "/".join(pattern.split("/")[:3])
        if pattern.startswith("admin/") and _ANYTHING not in pattern:
            found[folder if folder in tables else OF_SITE].append(pattern)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Rows:
    """By folder, the keys of some rows and the names of what can be done to them."""

    known: dict[str, dict[str, list[str]]]

    @classmethod
    def fill(cls, system: RunningSystem) -> "Rows":
        """Make what the pages need, one of each at least."""
        known: dict[str, dict[str, list[str]]] = json.loads(
            system.command("shell", "-v", "0", "-c", _FILL)
        )
        # A channel has a page also while it is not paused, and has no row then.
        known[CHANNELS]["object_id"] = list(NotificationChannel.values)
        empty = [folder for folder, of in known.items() if not of["object_id"]]
        assert not empty, f"nothing to show in {empty}"
        return cls(known)

    def choices(self, folder: str, pattern: str) -> list[list[str]]:
        """The pages behind the pattern: of each, the addresses by which one of its kind may be
        reached, of which the first that answers is enough."""
        of = self.known.get(folder, {})
        names = of.get("action", []) if _ACTION in pattern else [""]
        keys = of.get("object_id", []) if any(one in pattern for one in _ROW) else [""]
        return [[_address(pattern, key, name) for key in keys] for name in names]


def page_among(addresses: list[str], request: APIRequestContext) -> str | None:
    """The first that is a page for whoever asks; None where that is refused to all, leads
    elsewhere, is a file or a part of another page."""
    for address in addresses:
        answer = request.get(address, max_redirects=0)
        if answer.status == 200 and answer.text().lstrip().lower().startswith("<!doctype html"):
            return address
    return None


def _address(pattern: str, key: str, name: str) -> str:
    for place in _ROW:
        pattern = pattern.replace(place, key)
    return "/" + pattern.replace(_ACTION, name)
