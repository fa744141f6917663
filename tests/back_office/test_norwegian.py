"""The desk speaks Bokmål to whoever wants it: everything is translated, compiled, and shown."""

import gettext
import html
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Field, Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as gettext_of

from back_office.wording.reasons import told
from back_office.wording.system_sentences import SENTENCES
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import Attempt, ChannelPause, JobRun
from dispatch.reports.delivery_reports import NOT_FOUND
from dispatch.sending import pauses
from notifications.models import (
    EMAIL_STATUSES,
    SMS_STATUSES,
    Notification,
    NotificationChannel,
    NotificationStatus,
)
from orders.models import Creator, Order, OrderStatus
from script.launcher.translations import catalogue, translatable
from script.launcher.translations.catalogue import NORWEGIAN, Entry, Key
from script.launcher.translations.run import untranslated
from tests.building import NOON, notification, processed_order

SCRIPTS = NORWEGIAN.with_name("djangojs.po")
ENTRIES = catalogue.read(NORWEGIAN)
TEXTS = ENTRIES[1:]
DJANGO_ADMIN = Path(admin.__file__).parent / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z](?!\w)|\{\w*\}")
ENGLISH = (
    "Search|Filters?|Save|Home|Log out|Show|Today|Yesterday|Orders?|Notifications|Service owners?"
    "|Channel|Recipients?|Reasons?|Attempts?|Waiting|Held|Select|Action|Any time|Delivery|Made|Why"
    "|Can"
)
SAMPLES = {
    "why": "The SMS gateway cannot be reached (TimeoutError).",
    "what": "The link",
    "quoted": "Au",
}
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
MODELS = list(admin.site._registry)


def test_every_text_of_the_desk_is_translated() -> None:
    assert untranslated(TEXTS, translatable.of_ours()) == []


def test_unfolds_texts_are_translated_too() -> None:
    assert untranslated(TEXTS, translatable.of_unfold()) == []


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (translatable.of_code('f(_("One" " new")) + gettext("Two")'), {Key("One new"), Key("Two")}),
        (translatable.of_code('ngettext("%(n)s a", "%(n)s as", n)'), {Key("%(n)s a", "%(n)s as")}),
        (translatable.of_code('pgettext("here", "A")'), {Key("A", context="here")}),
        (translatable.of_template('{% translate "It\'s" %}'), {Key("It's")}),
        (translatable.of_template('{{ a|default:_("None") }}'), {Key("None")}),
        (
            translatable.of_template("{% blocktranslate %}{{ n }} a{% endblocktranslate %}"),
            {Key("%(n)s a")},
        ),
    ],
)
def test_a_new_text_would_be_seen(texts: object, found: set[Key]) -> None:
    assert set(texts) == found  # type: ignore[call-overload]
    assert set(untranslated(TEXTS, found)) == found


def test_what_is_half_translated_does_not_count() -> None:
    keys = {Key("A"), Key("B"), Key("one", "many")}
    entries = [Entry(Key("A"), [""], False), Entry(Key("B"), ["b"], True)]
    entries.append(Entry(Key("one", "many"), ["en", ""], False))
    assert set(untranslated(entries, keys)) == keys


def test_no_text_is_translated_twice() -> None:
    keys = [(entry.key.text, entry.key.context) for entry in TEXTS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("source", [NORWEGIAN, SCRIPTS], ids=lambda source: source.name)
def test_the_compiled_catalogue_is_that_of_the_texts(source: Path) -> None:
    """Else: script/translations."""
    compiled = source.with_suffix(".mo").read_bytes()
    assert _catalogue(compiled) == _catalogue(catalogue.compiled(catalogue.read(source)))


def test_what_scripts_of_the_admin_say_is_translated(client: Client, admin_user: User) -> None:
    english = catalogue.read(DJANGO_ADMIN / "en" / "LC_MESSAGES" / "djangojs.po")
    djangos = catalogue.read(DJANGO_ADMIN / "nb" / "LC_MESSAGES" / "djangojs.po")
    ours = catalogue.read(SCRIPTS)
    assert untranslated([*djangos, *ours], {entry.key for entry in english}) == []
    client.force_login(admin_user)
    told = client.get(reverse("admin:jsi18n"), headers={"Accept-Language": "nb"}).content.decode()
    assert '"Choose all %s": "Velg alle %s"' in told  # ours
    assert '"Available %s": "Tilgjengelige %s"' in told  # Django's


def test_what_is_compiled_can_be_looked_up() -> None:
    found = gettext.GNUTranslations(io.BytesIO(catalogue.compiled(ENTRIES)))
    assert found.gettext("Send again") == "Send på nytt"
    assert found.pgettext("to an order", "Cancel") == "Kanseller"
    assert found.ngettext("%(days)s day", "%(days)s days", 1) == "%(days)s dag"
    assert found.ngettext("%(days)s day", "%(days)s days", 2) == "%(days)s dager"


def test_a_translation_has_the_places_and_edges_of_its_text() -> None:
    different = [
        (entry.key.text, text)
        for entry in [*TEXTS, *catalogue.read(SCRIPTS)[1:]]
        for text in entry.translations
        if _shape(text) != _shape(entry.key.text)
    ]
    assert different == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_columns_and_fields_that_staff_see_have_norwegian_names(
    model: type[Model], admin_user: User
) -> None:
    request = RequestFactory().get("/")
    request.user = admin_user
    page = admin.site._registry[model]
    names = {*page.get_list_display(request), *page.get_fields(request)}
    fields = [field for field in model._meta.get_fields() if field.name in names]
    words = [model._meta.verbose_name, model._meta.verbose_name_plural]
    for field in fields:
        if isinstance(field, Field) and not hasattr(page, field.name):
            words += [field.verbose_name, field.help_text]
    assert [str(word) for word in words if word and not _is_translated(word)] == []


@pytest.fixture
def a_little_of_everything(ttd: Creator) -> None:
    row = notification(processed_order(ttd))
    Attempt.objects.create(notification=row, outcome="LeaseLost", reason="Au.", created=NOON)
    JobRun.objects.create(name="dispatch.send_sms", started_at=NOON)
    end = NOON + timedelta(days=36500)
    person = ChannelPause.Cause.PERSON
    pauses.pause(NotificationChannel.SMS, person, until=end, reason="Au.", set_by="Siri", now=NOON)


@pytest.mark.parametrize(
    "place",
    [
        "index",
        "find",
        "statistics",
        "auth_group_add",
        *(f"{m._meta.app_label}_{m._meta.model_name}_changelist" for m in MODELS),
    ],
)
def test_no_english_is_left_on_a_page(
    client: Client, admin_user: User, a_little_of_everything: None, place: str
) -> None:
    client.force_login(admin_user)
    assert _english_on(client, reverse(f"admin:{place}")) == []


@pytest.mark.parametrize("place", ["", "do/stop/", "do/cancel/", "do/resend-failed/", "unmasked/"])
def test_no_english_is_left_on_the_pages_of_an_order(
    client: Client, admin_user: User, a_little_of_everything: None, ttd: Creator, place: str
) -> None:
    client.force_login(admin_user)
    order = processed_order(ttd)
    notification(order)
    story = reverse("admin:orders_order_change", args=[order.pk])
    address = story.replace("change/", place) if place else story
    assert _english_on(client, address) == []


@pytest.fixture
def everything_that_happens(ttd: Creator) -> Order:
    """An order with a notification of every status, and every reason that the pipeline writes."""
    order = processed_order(ttd, condition_note=filled_in(SENTENCES[0]), condition_asked_at=NOON)
    rows = [notification(order, one, channel=SMS) for one in SMS_STATUSES]
    rows += [notification(order, one, channel=EMAIL) for one in EMAIL_STATUSES]
    outcomes = list(Attempt.Outcome)
    for place, sentence in enumerate(SENTENCES):
        of = rows[place % len(rows)]
        reason, outcome = filled_in(sentence), outcomes[place % len(outcomes)]
        Attempt.objects.create(notification=of, outcome=outcome, reason=reason, created=NOON)
        Notification.objects.filter(pk=of.pk).update(reason=reason)
        failing = processed_order(ttd, status="Registered", attempts=1, reason=reason)
        processed_order(ttd, status=OrderStatus.SEND_CONDITION_NOT_MET, condition_note=reason)
        Order.objects.filter(pk=failing.pk).update(next_attempt_at=NOON + timedelta(hours=1))
    return order


def filled_in(sentence: str) -> str:
    return re.sub(r"%\((\w+)\)s", lambda place: SAMPLES.get(place[1], "7"), sentence)


def test_no_sentence_of_the_pipeline_stays_english_on_any_page(
    client: Client, admin_user: User, everything_that_happens: Order
) -> None:
    client.force_login(admin_user)
    order = everything_that_happens
    pages = [reverse("admin:orders_order_change", args=[order.pk])]
    failed = Notification.objects.filter(order=order, status=NotificationStatus.FAILED).first()
    assert failed is not None
    pages.append(reverse("admin:notifications_notification_change", args=[failed.pk]))
    for name in ("orders_order", "notifications_notification", "dispatch_attempt"):
        pages.append(reverse(f"admin:{name}_changelist") + "?period=any")
    pieces = [piece for one in SENTENCES for piece in re.split(r"%\(\w+\)s", one)]
    english = {piece.strip(" .:,(") for piece in pieces if len(piece.split()) > 2}
    left = {}
    for address in pages:
        page = html.unescape(
            client.get(address, headers={"Accept-Language": "nb"}).content.decode()
        )
        if found := [piece for piece in english if piece in page]:
            left[address] = found
    assert left == {}


def test_staff_switch_to_norwegian_and_back(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    switch = {"next": "/admin/"}
    client.post("/admin/i18n/setlang/", switch | {"language": "nb"})
    page = client.get("/admin/").content.decode()
    assert '<html lang="nb"' in page
    assert "Sendevindu for SMS" in page
    client.post("/admin/i18n/setlang/", switch | {"language": "en"})
    assert "Send window for SMS" in client.get("/admin/").content.decode()


def test_reasons_of_our_own_are_told_in_norwegian_and_others_as_they_came() -> None:
    with translation.override("nb"):
        assert told(NOT_FOUND) == "Ingen melding har denne referansen."
        assert told("Invalid RCV.") == "Invalid RCV."
        assert told("") == ""


def test_periodic_jobs_are_called_by_norwegian_names() -> None:
    with translation.override("nb"):
        assert [one.about for one in PERIODIC_JOBS if gettext_of(one.about) == one.about] == []


def _catalogue(compiled: bytes) -> object:
    return gettext.GNUTranslations(io.BytesIO(compiled))._catalog  # type: ignore[attr-defined]


def _shape(text: str) -> object:
    """The places that are filled in, the white space at both ends, and whether it is a sentence."""
    ends = text[:1].isspace(), text[-1:].isspace(), text.rstrip().endswith((".", ":"))
    return set(PLACEHOLDER.findall(text)), ends


def _is_translated(word: object) -> bool:
    with translation.override("en"):
        text = str(word)
    with translation.override("nb"):
        shown = str(word)
    return shown != text or any(text == one.key.text for one in TEXTS)


def _english_on(client: Client, address: str) -> list[str]:
    answer = client.get(address, headers={"Accept-Language": "nb"})
    assert answer.status_code == 200
    page = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", answer.content.decode(), flags=re.S)
    page = re.sub(r'<span[^>]*class="[^"]*material-symbols.*?</span>', "", page, flags=re.S)
    shown = re.sub(r"<[^>]*>", "\n", page)
    said = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', page)
    return re.findall(
        rf"(?<![\w-])(?:{ENGLISH})(?![\w-])", html.unescape("\n".join([shown, *said]))
    )
