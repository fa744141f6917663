"""A list leaves the desk as CSV: with a reason, masked, harmless in a spreadsheet, in any size."""

import csv
import io
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from back_office.audit import seen
from back_office.lists.export import writing
from back_office.lists.paging import Keyset
from back_office.models import StaffAction
from back_office.pages.export_columns import NOTIFICATIONS
from notifications.models import Notification, NotificationStatus
from orders.models import Creator
from tests.back_office import bulk
from tests.building import KARI, NOON, notification, order, processed_order

N = NotificationStatus
EXPORT = reverse("admin:notifications_notification_export")


@pytest.fixture
def supporter(db: None) -> User:
    """May find and export, and see nobody's address."""
    user = User.objects.create_user("sara", is_staff=True)
    names = ("view_notification", "view_order", "view_deliveryreport", "export")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@pytest.fixture
def staff(client: Client, supporter: User) -> Client:
    client.force_login(supporter)
    return client


def may_unmask(user: User) -> None:
    names = ("view_personal_data", "export_unmasked")
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def rows_of(body: bytes) -> list[dict[str, str]]:
    text = body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def exported(staff: Client, address: str, **form: str) -> bytes:
    answer = staff.post(address, {"reason": "Monthly report", **form})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.streaming
    return answer.getvalue()


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+4799999999", "'+4799999999"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\t'=1"),
        ("\r=1", "\r'=1"),
        ("  =1", "  '=1"),
        ("\u00a0=1", "\u00a0'=1"),
        ("\ufeff=1", "\ufeff'=1"),
        ("a,=1+1", "a,'=1+1"),
        ("a;\t@b", "a;\t'@b"),
        ('a","=1+1', 'a","\'=1+1'),
        ("==1", "'='=1"),
        ("2025-08-25, kari@b.no", "2025-08-25, kari@b.no"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("a=1", "a=1"),
        ("k***@post.example", "k***@post.example"),
        ("Brev 7 - purring", "Brev 7 - purring"),
        ("Brev; - 7", "Brev; '- 7"),
        ("Brev - =1", "Brev '- '=1"),
        ("Brev -1", "Brev '-1"),
        (None, ""),
        (7, "7"),
        (NOON, "2025-08-25 12:00:00"),
    ],
)
def test_a_cell_cannot_run_as_a_formula(cell: object, written: str) -> None:
    assert writing.neutral(cell) == written


FORMULA = "=+-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b"  # noqa: RUF001
odd = st.text(st.sampled_from(f"{FORMULA},;:|\t\r\n \u00a0\ufeff\u200b\"'/~^ab1æ_"), max_size=30)


@given(st.lists(st.one_of(odd, st.text()), min_size=1, max_size=4), st.sampled_from(",;:|\t ~^/."))
def test_attack_a20_no_cell_begins_a_formula_whatever_separates_cells(
    texts: list[str], separator: str
) -> None:
    written = writing._lines([[*texts]]).decode()
    for quote in ('"', None):
        how: Any = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
        for line in re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", written):
            for cell in next(csv.reader([line], delimiter=separator, **how), []):
                begins = re.sub(r'^[\s"\ufeff\u200b]+', "", cell)
                is_a_dash = begins in ("-", "\u2212")
                assert is_a_dash or not begins.startswith(tuple(FORMULA)), (separator, cell)


@given(st.lists(st.one_of(odd, st.text()), min_size=1, max_size=4))
def test_what_is_read_back_is_what_was_written_but_for_apostrophes(texts: list[str]) -> None:
    written = writing._lines([[*texts]]).decode()
    (read,) = csv.reader(io.StringIO(written, newline=""), delimiter=";")
    plain = [text.replace("'", "") for text in read]
    assert plain == [text.replace("'", "").replace("\0", "") for text in texts]


def test_files_are_written_in_one_place() -> None:
    """Else there might be one that does not know of formulas."""
    folders = ("back_office", "config", "dispatch", "notifications", "orders", "recipients")
    writers = {
        path.name
        for folder in folders
        for path in Path(folder).rglob("*.py")
        if "csv." in path.read_text() and "import csv" in path.read_text()
    }
    assert writers == {"writing.py"}


def test_the_file_is_one_that_norwegian_excel_opens(staff: Client, ttd: Creator) -> None:
    notification(processed_order(ttd), N.FAILED, reason="Ærlig; «ukjent»")
    body = exported(staff, f"{EXPORT}?period=any&group=failed")
    assert body.startswith(b'\xef\xbb\xbf"notification";"order";')
    assert b"\r\n" in body
    (row,) = rows_of(body)
    assert row["why"] == "Ærlig; «ukjent»"
    assert row["service owner"] == "ttd"


def test_only_what_the_filters_leave_is_in_it(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd, N.DELIVERED, N.FAILED, N.NEW)
    body = exported(staff, f"{EXPORT}?period=any&group=failed")
    assert [row["status"] for row in rows_of(body)] == ["Failed"]
    assert len(rows_of(exported(staff, f"{EXPORT}?order={made.pk}"))) == 3


def test_addresses_are_masked_whatever_is_ticked(staff: Client, ttd: Creator) -> None:
    notification(
        processed_order(ttd),
        N.FAILED,
        national_identity_number=KARI,
        reason="To +4799999999",
    )
    form = {"unmasked": "on", "case_reference": "SAK-1"}
    body = exported(staff, f"{EXPORT}?period=any&group=failed", **form)
    (row,) = rows_of(body)
    assert row["to"] == "'+47 99 99 ** **"
    assert row["recipient"] == "018385*****"
    assert "99999999" not in body.decode()
    assert StaffAction.objects.get().detail["unmasked"] is False


def test_unmasked_takes_permission_a_tick_and_a_case(
    staff: Client, supporter: User, ttd: Creator
) -> None:
    may_unmask(supporter)
    notification(processed_order(ttd), N.FAILED)
    address = f"{EXPORT}?period=any&group=failed"
    answer = staff.post(address, {"reason": "Audit", "unmasked": "on"})
    assert "Give the reference of the case" in answer.content.decode()
    assert not StaffAction.objects.exists()
    body = exported(staff, address, unmasked="on", case_reference="SAK-1")
    assert rows_of(body)[0]["to"] == "'+4799999999"
    line = StaffAction.objects.get()
    assert (line.what, line.case_reference) == ("Exported", "SAK-1")
    assert line.detail["unmasked"] is True


@pytest.mark.parametrize("codename", ["view_personal_data", "export_unmasked"])
def test_to_see_and_to_export_alone_are_not_enough_for_an_unmasked_file(
    staff: Client, supporter: User, ttd: Creator, codename: str
) -> None:
    supporter.user_permissions.add(Permission.objects.get(codename=codename))
    notification(processed_order(ttd), N.FAILED)
    body = exported(staff, f"{EXPORT}?period=any", unmasked="on", case_reference="SAK-1")
    assert "99999999" not in body.decode()


def test_an_unmasked_file_is_small_and_says_whom_it_named(
    staff: Client, supporter: User, ttd: Creator, settings: LazySettings
) -> None:
    may_unmask(supporter)
    made = processed_order(ttd)
    notification(made, N.FAILED, national_identity_number=KARI)
    form = {"unmasked": "on", "case_reference": "SAK-1"}
    exported(staff, f"{EXPORT}?period=any", **form)
    (found,) = seen.of([KARI])
    assert (found.how, found.case_reference) == ("File", "SAK-1")
    settings.MAX_UNMASKED_ROWS = 1
    notification(made, N.FAILED)
    answer = staff.post(f"{EXPORT}?period=any", {"reason": "Audit", **form})
    assert "Unmasked, a file holds at most 1 rows." in answer.content.decode()


def test_who_took_what_is_written_down_without_anybodys_number(
    staff: Client, supporter: User, ttd: Creator
) -> None:
    notification(processed_order(ttd), N.FAILED)
    address = f"{EXPORT}?period=any&group=failed&creator__id__exact={ttd.pk}"
    exported(staff, address, reason="Kari asked")
    line = StaffAction.objects.get()
    assert (line.staff, line.subject_type) == (supporter, "list")
    assert line.subject_id == "notifications.notification"
    filters = {"period": "any", "group": "failed", "creator": "ttd"}
    assert line.detail == {"rows": 1, "unmasked": False, "filters": filters}


@pytest.mark.parametrize("reason", ["", "\u200b", ".", "Kari +4799999999 asked"])
def test_without_a_reason_nothing_leaves(staff: Client, ttd: Creator, reason: str) -> None:
    notification(processed_order(ttd), N.FAILED)
    answer = staff.post(f"{EXPORT}?period=any", {"reason": reason})
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not StaffAction.objects.exists()


def test_the_form_tells_what_the_file_will_hold(staff: Client, ttd: Creator) -> None:
    processed_order(ttd, N.FAILED, N.FAILED)
    page = staff.get(f"{EXPORT}?period=any&group=failed").content.decode()
    assert "The file will hold 2 rows." in page
    assert "Any time" in page
    assert "With personal data unmasked" not in page


def test_who_may_not_export_has_no_button_and_no_file(staff: Client, supporter: User) -> None:
    supporter.user_permissions.remove(Permission.objects.get(codename="export"))
    page = staff.get(reverse("admin:notifications_notification_changelist")).content.decode()
    assert "Export CSV" not in page
    assert staff.get(EXPORT).status_code == 403
    assert staff.post(EXPORT, {"reason": "Report"}).status_code == 403


@pytest.mark.parametrize("table", ["orders_order", "dispatch_deliveryreport"])
def test_orders_and_reports_can_be_taken_out_too(staff: Client, ttd: Creator, table: str) -> None:
    order(ttd, senders_reference="=cmd()")
    body = exported(staff, reverse(f"admin:{table}_export") + "?period=any")
    if table == "orders_order":
        assert rows_of(body)[0]["sender's reference"] == "'=cmd()"
    assert body


def test_a_cut_file_says_so_in_its_last_line(ttd: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.messages(processed_order(ttd), 30, step=timedelta(minutes=1))
    monkeypatch.setattr(writing, "MAX_ROWS", 20)
    monkeypatch.setattr(writing, "_MAX_PIECE", 7)
    lines = _written(Notification.objects.select_related("creator")).splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[-1].decode() == '"Cut off here: a file holds 20 rows."'


def test_a_file_that_fits_just_so_is_not_cut(ttd: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk.messages(processed_order(ttd), 20, step=timedelta(minutes=1))
    monkeypatch.setattr(writing, "MAX_ROWS", 20)
    assert len(_written(Notification.objects.select_related("creator")).splitlines()) == 21


def _written(rows: object) -> bytes:
    pieces = writing.csv_of(
        rows,  # type: ignore[arg-type]
        keyset=Keyset(),
        columns=NOTIFICATIONS,
        unmasked=False,
    )
    return b"".join(pieces)


def test_a_long_file_takes_no_more_memory_than_a_short_one(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MAX_PIECE", 200)
    bulk.messages(processed_order(ttd), 8_000, step=timedelta(minutes=1))
    rows = Notification.objects.select_related("creator")
    few = _peak(rows.filter(created__gt=bulk.NOW - timedelta(minutes=800)))
    many = _peak(rows)
    assert many < 1.3 * few, (few, many)


def _peak(rows: object) -> int:
    """Bytes, while the pieces are read and thrown away."""
    tracemalloc.start()
    try:
        for _piece in writing.csv_of(
            rows,  # type: ignore[arg-type]
            keyset=Keyset(),
            columns=NOTIFICATIONS,
            unmasked=False,
        ):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
