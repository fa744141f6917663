"""Operators register, verify and revoke senders of service owners; each leaves an audit entry."""

import pytest
from django.conf import LazySettings
from django.urls import reverse

from back_office.models import StaffAction
from orders.models import Creator, Sender
from orders.senders.allowed import known, may_use
from tests.back_office.actions.conftest import LogIn, change_page_of, list_of, page_of, selection_of
from tests.registering import ASKED, REVOKED, VERIFIED, WAITING, sender
from tests.simulators.name_server import Zone, name_server

pytestmark = pytest.mark.django_db

SENDER, OWNER = "orders_sender", "orders_creator"
EMAIL, SMS = Sender.Kind.EMAIL, Sender.Kind.SMS


def ask_page(creator: Creator) -> str:
    return page_of(OWNER, creator.pk, "ask-sender")


def test_from_asking_to_the_end(log_in: LogIn, ttd: Creator) -> None:
    desk = log_in("operator")
    assert "noted as asked for" in desk.read(ask_page(ttd))
    assert "is asked for" in desk.send(ask_page(ttd), sender="Post@TTD.example", shown="")
    row = Sender.objects.get()
    assert (row.kind, row.address, row.state) == (EMAIL, "post@ttd.example", ASKED)
    assert may_use(ttd, EMAIL, "other@ttd.example")

    verify = page_of(SENDER, row.pk, "verify")
    assert "It is the first e-mail address of ttd" in desk.read(verify)
    desk.confirm(verify)
    known.clear()
    assert may_use(ttd, EMAIL, "post@ttd.example")
    assert not may_use(ttd, EMAIL, "other@ttd.example")

    desk.confirm(page_of(SENDER, row.pk, "revoke"))
    known.clear()
    assert not may_use(ttd, EMAIL, "post@ttd.example")
    assert "is asked for" in desk.send(ask_page(ttd), sender="post@ttd.example", shown="")
    row.refresh_from_db()
    assert row.state == ASKED
    entries = StaffAction.objects.order_by("id").values_list("what", "subject_type", "subject_id")
    told = ["Asked", "Verified", "Revoked", "Asked"]
    assert list(entries) == [(what, "sender", str(row.pk)) for what in told]


@pytest.mark.parametrize(
    ("written", "kind", "address"),
    [("Testdep", SMS, "Testdep"), ("+4759440000", SMS, "4759440000"), ("a@blåbær.no", EMAIL, None)],
)
def test_what_has_no_at_sign_is_an_sms_sender(
    log_in: LogIn, ttd: Creator, written: str, kind: Sender.Kind, address: str | None
) -> None:
    log_in("operator").send(ask_page(ttd), sender=written, shown="")
    row = Sender.objects.get()
    assert (row.kind, row.address) == (kind, address or "a@xn--blbr-roah.no")


@pytest.mark.parametrize(
    "written", ["", "kari@", "a@b.no, c@d.no", "Dep <a@b.no>", "a@localhost", "Skatteetaten", "A&B"]
)
def test_what_could_not_be_sent_from_is_not_registered(
    log_in: LogIn, ttd: Creator, written: str
) -> None:
    log_in("operator").send(ask_page(ttd), sender=written, shown="")
    assert not Sender.objects.exists()
    assert not StaffAction.objects.exists()


def test_what_is_known_is_not_asked_for_again(log_in: LogIn, ttd: Creator) -> None:
    row = sender(ttd, "post@ttd.example")
    assert "is known already" in log_in("operator").send(
        ask_page(ttd), sender="post@ttd.example", shown=""
    )
    row.refresh_from_db()
    assert row.state == VERIFIED
    assert not StaffAction.objects.exists()


def test_several_are_decided_at_once_and_others_left_alone(log_in: LogIn, ttd: Creator) -> None:
    rows = [sender(ttd, f"{state}@ttd.example", state) for state in Sender.State]
    ids = ",".join(str(row.pk) for row in rows)
    log_in("operator").confirm(selection_of(SENDER, "verify"), ids=ids)
    states = dict(Sender.objects.values_list("address", "state"))
    assert list(states.values()).count(VERIFIED) == 3
    assert states["revoked@ttd.example"] == REVOKED
    assert StaffAction.objects.get().subjects.count() == 2


def test_a_default_sender_is_not_revoked(log_in: LogIn, ttd: Creator) -> None:
    Creator.objects.update(default_email_sender="Dep <post@ttd.example>")
    row = sender(ttd, "post@ttd.example")
    desk = log_in("operator")
    revoke = page_of(SENDER, row.pk, "revoke")
    assert "choose another default first" in desk.read(revoke)
    desk.confirm(revoke)
    row.refresh_from_db()
    assert row.state == VERIFIED


def test_a_revoked_sender_does_not_become_a_default(log_in: LogIn, ttd: Creator) -> None:
    sender(ttd, "Testdep", REVOKED)
    sent = log_in("operator").send(
        change_page_of(OWNER, ttd.pk), is_active="on", default_sms_sender="Testdep"
    )
    assert "This sender was revoked." in sent
    ttd.refresh_from_db()
    assert ttd.default_sms_sender == ""


def test_a_check_tells_what_the_dns_lacks_and_what_it_has_at_last(
    log_in: LogIn, ttd: Creator, settings: LazySettings
) -> None:
    settings.SENDER_SPF_INCLUDE = "spf.us.example"
    row = sender(ttd, "post@ttd.example", ASKED)
    zone: Zone = {"spf.us.example": ["v=spf1 ip4:192.0.2.1 -all"]}
    check = page_of(SENDER, row.pk, "check")
    desk = log_in("operator")
    with name_server(zone) as server:
        settings.SENDER_DNS = [server]
        assert "of ttd.example are looked up" in desk.read(check)
        desk.confirm(check)
        row.refresh_from_db()
        assert row.state == WAITING
        shown = desk.read(change_page_of(SENDER, row.pk))
        assert "v=spf1 include:spf.us.example -all" in shown
        assert "ttd.example has no SPF record." in shown
        assert "lacked something" in desk.read(page_of(SENDER, row.pk, "verify"))
        zone |= {"ttd.example": ["v=spf1 include:spf.us.example -all"]}
        zone |= {"_dmarc.ttd.example": ["v=DMARC1; p=reject"]}
        assert "Its policy is reject." in desk.confirm(check)
    row.refresh_from_db()
    assert (row.state, row.checked_at is None) == (ASKED, False)
    entries = StaffAction.objects.order_by("id").values_list("what", "detail")
    assert list(entries) == [("Checked", {"right": False}), ("Checked", {"right": True})]


def test_nothing_is_looked_up_without_a_name_server_or_of_a_name_on_phones(
    log_in: LogIn, ttd: Creator, settings: LazySettings
) -> None:
    desk = log_in("operator")
    for row in (sender(ttd, "post@ttd.example"), sender(ttd, "Testdep")):
        assert "Check the DNS records" not in desk.read(change_page_of(SENDER, row.pk))
        assert "nothing that could be checked" in desk.read(page_of(SENDER, row.pk, "check"))
        desk.confirm(page_of(SENDER, row.pk, "check"))
        settings.SENDER_DNS = [("127.0.0.1", 1)]
    assert not StaffAction.objects.exists()


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_who_may_only_look_decides_nothing(log_in: LogIn, ttd: Creator, role: str) -> None:
    row = sender(ttd, "post@ttd.example", WAITING)
    desk = log_in(role)
    assert "post@ttd.example" in desk.read(list_of(SENDER))
    assert "post@ttd.example" in desk.read(change_page_of(OWNER, ttd.pk))
    assert "Verify the sender" not in desk.read(change_page_of(SENDER, row.pk))
    for page in (
        page_of(SENDER, row.pk, "verify"),
        page_of(SENDER, row.pk, "revoke"),
        page_of(SENDER, row.pk, "check"),
        ask_page(ttd),
    ):
        assert desk.status(page) == desk.status(page, reason="x") == 403


def test_the_list_shows_what_waits_for_a_decision(log_in: LogIn, ttd: Creator) -> None:
    for state in Sender.State:
        sender(ttd, f"{state}@ttd.example", state)
    shown = log_in("support").read(f"{reverse(f'admin:{SENDER}_changelist')}?state=undecided")
    assert "asked@ttd.example" in shown
    assert "waiting@ttd.example" in shown
    assert "verified@ttd.example" not in shown
    assert "revoked@ttd.example" not in shown
