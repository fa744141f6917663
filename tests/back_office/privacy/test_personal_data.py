"""Nothing on the desk shows more of a person than what is declared, to nobody and nowhere: attacks
A2 and A28, and all others of their kind."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import CharField, JSONField, Model, TextField
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from back_office.actions.pages import ActionsMixin
from back_office.audit.log import Actor, Why, record
from back_office.lists.export.page import ExportMixin
from back_office.lists.read_only import ReadOnlyAdmin
from back_office.models import StaffAction
from back_office.pages.masked import PersonalDataAdmin
from back_office.privacy import personal_data
from notifications.models import Notification, StatusFeedEntry
from orders.models import Creator, Order
from tests.back_office.persons import World
from tests.building import NOON

OURS = {"back_office", "dispatch", "notifications", "orders", "recipients"}
# Staff write there, of themselves and of the system; forms hold what they write.
OF_STAFF = {
    "auth.User",
    "auth.Group",
    "orders.Creator",
    "django_celery_beat.PeriodicTask",
    "django_celery_beat.IntervalSchedule",
    "django_celery_beat.CrontabSchedule",
}
# Who changed what is read by `history.changes_of` alone, which masks the reason.
HISTORY = {"orders.CreatorEvent", "dispatch.ChannelPauseEvent"}
ROLES = ("support", "operator", "auditor", "superuser")


def _shown_models() -> list[type[Model]]:
    registered = set(admin.site._registry)
    ours = {one for one in apps.get_models() if one._meta.app_label in OURS}
    skipped = OF_STAFF | HISTORY
    return sorted(
        (one for one in registered | ours if one._meta.label not in skipped),
        key=lambda one: one._meta.label,
    )


def _holds_text(field: Any) -> bool:
    is_text = isinstance(field, CharField | TextField | JSONField)
    return is_text and not field.choices and not field.is_relation


@pytest.mark.parametrize("model", _shown_models(), ids=lambda one: one._meta.label)
def test_every_column_with_text_in_it_is_masked_or_known_to_name_nobody(
    model: type[Model],
) -> None:
    declared = {*personal_data.MASKS.get(model, ()), *personal_data.PLAIN.get(model, ())}
    columns = {field.name for field in model._meta.concrete_fields if _holds_text(field)}
    assert columns - declared == set()
    assert declared <= {field.name for field in model._meta.concrete_fields}


def test_every_other_table_of_the_desk_is_one_that_staff_write() -> None:
    others = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if not isinstance(page, ReadOnlyAdmin)
    }
    assert others == OF_STAFF


@pytest.fixture
def world(ttd: Creator) -> World:
    return World(ttd)


def log_in(role: str) -> Client:
    user = User.objects.create_user(f"{role}-1", is_staff=True, is_superuser=role == "superuser")
    if role != "superuser":
        user.groups.add(Group.objects.get(name=role))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def pages(world: World, rows: int) -> Iterator[str]:
    """Every address of the desk, with the keys of so many rows where it takes one."""
    for pattern, route in _routes(admin.site.get_urls(), "/admin/"):
        page = getattr(pattern.callback, "model_admin", None)
        for address in _with_keys(route, page, world, rows):
            yield address
            if page and pattern.name and pattern.name.endswith("_changelist"):
                for query in _QUERIES:
                    yield f"{address}?{query}"


_ROWS = {"superuser": 8}
_ROWS_OF_OTHERS = 3
"""Of each table, the first of which differ most: who sees all pages sees more rows, too."""

# What lists take: others are refused, and lead back to the list.
_QUERIES = (
    "period=any",
    "state=Applied",
    "state=Waiting",
    "group=failed",
    "requested=any",
    "all=",
    "q=kari",
    "e=1",
)


def _routes(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[tuple[URLPattern, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield pattern, route


def _with_keys(route: str, page: Any, world: World, rows: int) -> Iterator[str]:
    if "(?P" in route:  # what is under no other address is a 404
        yield "/admin/nowhere/"
        return
    if "<" not in route:
        yield route
        return
    match = re.match(r"/admin/(\w+)/(\w+)/", route)
    model = apps.get_model(match[1], match[2]) if match else None
    keys: list[object] = [row.pk for row in world.rows.get(model, ())][:rows] if model else []
    keys += ["Sms", "Email"] if model and model._meta.model_name == "channelpause" else []
    keys += [world.creator.pk, world.staff.pk, 987654]
    shown: Any = admin.site._registry.get(model) if model else None
    actions = (
        [action.name for action in shown.staff_actions] if isinstance(shown, ActionsMixin) else [""]
    )
    for key in keys:
        for action in actions if "<slug:action>" in route else [""]:
            address = re.sub(r"<slug:action>", action, route)
            yield re.sub(r"<[^>]+>", str(key), address)


def body_of(answer: Any) -> str:
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{headers}\n{content.decode()}"


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("role", ROLES)
def test_no_page_and_no_log_shows_what_was_not_unmasked(
    world: World, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = log_in(role)
    shown: dict[str, set[str]] = {}
    answered: set[int] = set()
    for address in dict.fromkeys(pages(world, _ROWS.get(role, _ROWS_OF_OTHERS))):
        answer = client.get(address)
        answered.add(answer.status_code)
        assert answer.status_code < 500, address
        if found := world.persons.found_in(body_of(answer)):
            shown[address] = found
    assert shown == {}
    assert world.persons.found_in(caplog.text) == set()
    assert {200, 404} <= answered
    assert not StaffAction.objects.filter(staff__username=f"{role}-1").exists()


def _lists() -> Iterator[tuple[Any, str]]:
    for model, page in admin.site._registry.items():
        yield page, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.django_db
def test_no_list_takes_what_is_searched_for_from_its_address() -> None:
    """Addresses end up in logs, histories and bookmarks."""
    client, searchable = log_in("superuser"), 0
    for page, address in _lists():
        shown = client.get(address)
        by_get = re.sub(r'(?s)<form[^>]*method="post".*?</form>', "", shown.content.decode())
        assert 'name="q"' not in by_get
        if not page.search_fields:
            continue
        searchable += 1
        named = client.get(f"{address}?q=kari@example.com").content.decode()
        assert "kari@example.com" not in named
        assert not re.search(r"[?;&]q=", named)
        found = client.post(address, {"q": "kari@example.com"}).content.decode()
        assert 'value="kari@example.com"' in found
        assert "=kari" not in found
    assert searchable


@pytest.mark.django_db
def test_the_trail_is_searched_by_what_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    client = log_in("auditor")
    for case in ("SAK-1", "SAK-2", "SAK-2"):
        record(
            StaffAction.What.UNMASKED,
            by=Actor("kari"),
            why=Why("", case),
            subject=StaffAction.Subject.ORDER,
            now=NOON,
        )
    address = reverse("admin:back_office_staffaction_changelist")
    count = len(client.get(address).context["cl"].result_list)
    assert count == 3
    posted = client.post(f"{address}?p=2&what__exact=Unmasked", {"q": " SAK-1 "}).context["cl"]
    assert [row.case_reference for row in posted.result_list] == ["SAK-1"]
    assert client.post(address, {"q": "SAK-1\0"}).status_code == 400
    monkeypatch.setattr("back_office.lists.read_only.MAX_FOUND", 1)
    answer = client.post(address, {"q": "SAK-2"})
    assert len(answer.context["cl"].result_list) == 1
    assert "Only the first 1 are shown" in answer.content.decode()


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("role", ROLES)
def test_no_file_no_search_and_no_form_shows_what_was_not_unmasked(
    world: World, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = log_in(role)
    asked = [
        *({"to": reverse("admin:find"), "term": str(row.pk)} for row in world.rows[Order]),
        {"to": reverse("admin:find"), "term": "ttd"},
        *_posts(world),
    ]
    for form in asked:
        answer = client.post(form.pop("to"), form)
        assert answer.status_code < 500, form
        assert world.persons.found_in(body_of(answer)) == set(), form
        if answer.status_code in (302, 303):
            followed = client.get(answer.headers["Location"])
            assert world.persons.found_in(body_of(followed)) == set(), form
    assert world.persons.found_in(caplog.text) == set()


def _posts(world: World) -> Iterator[dict[str, str]]:
    why = {"reason": "Asked for by the owner.", "case_reference": ""}
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = world.rows.get(model, [])
        if isinstance(page, ExportMixin):
            for query in ("period=any", "state=Applied&period=any"):
                yield {"to": f"{reverse(f'{name}_export')}?{query}", **why}
        if isinstance(page, PersonalDataAdmin):
            for row in rows:  # no case, and so nothing is opened
                yield {"to": reverse(f"{name}_unmasked", args=[row.pk]), **why}
        if isinstance(page, ActionsMixin):
            ids = ",".join(str(row.pk) for row in rows)
            for action in page.staff_actions:
                to = reverse(f"{name}_action_selected", args=[action.name])
                for shown in ("", "{}"):  # to be read, and to be done
                    yield {"to": to, "ids": ids, "shown": shown, **why}


def test_unmasked_for_a_case_everything_can_be_read(world: World) -> None:
    """Else the tests above would be content with pages that show nothing."""
    client, seen = log_in("superuser"), set()
    for model, page in admin.site._registry.items():
        if isinstance(page, PersonalDataAdmin):
            for row in world.rows[model]:
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_unmasked"
                form = {"case_reference": "SAK-4711"}
                answer = client.post(reverse(name, args=[row.pk]), form)
                seen |= world.persons.found_in(body_of(answer))
    filled_in = set(world.persons.all.values())
    opened = {of for of in filled_in if of.split(".")[1] in _OPENED}
    assert opened - seen == _NEVER_SHOWN


_OPENED = {"Order", "Notification", "StatusFeedEntry", "DeliveryReport", "Attempt"}
_NEVER_SHOWN = {"notifications.Notification.normalized_address"}


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_attack_a2_an_entry_of_the_feed_is_opened_like_everything_else(
    world: World, role: str
) -> None:
    entry: Any = world.rows[StatusFeedEntry][0]
    address = reverse("admin:notifications_statusfeedentry_unmasked", args=[entry.pk])
    assert log_in(role).post(address, {"case_reference": "SAK-4711"}).status_code == 403
    page = body_of(log_in("support").post(address, {"case_reference": "SAK-4711"}))
    assert "notifications.StatusFeedEntry.recipients" in world.persons.found_in(page)
    noted = StaffAction.objects.get(staff_name="support-1")
    assert (noted.what, noted.subject_type) == ("Unmasked", "order")
    assert (noted.subject_id, noted.case_reference) == (str(entry.order_id), "SAK-4711")


@pytest.mark.usefixtures("simulators")
def test_no_command_of_staff_prints_what_was_not_unmasked(world: World) -> None:
    orders = [str(row.pk) for row in world.rows[Order]]
    messages = [f"--notification={row.pk}" for row in world.rows[Notification]]
    words = {
        "hold": orders,
        "release": orders,
        "stop": orders[:1],
        "cancel_order": orders,
        "process_orders": orders,
        "send_now": messages,
        "resend": messages,
        "replay_reports": ["--all"],
        "pause_channel": ["Sms"],
        "resume_channel": ["Sms"],
    }
    for command, chosen in words.items():
        for more in (["--dry-run"], ["--json"], []):
            said = StringIO()
            try:
                call_command(
                    command, *chosen, *more, "--reason", "Because", stdout=said, stderr=said
                )
            except (SystemExit, CommandError) as ended:
                said.write(str(ended))
            assert world.persons.found_in(said.getvalue()) == set(), command
