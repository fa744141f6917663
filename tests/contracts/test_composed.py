"""Placing an e-mail with attachments: what it may hold, what is answered, and what is shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.contracts.requests import (
    COMPOSED,
    EMAIL_SETTINGS,
    FUTURE,
    LEFT_OUT,
    NEXT_YEAR,
    attachment,
    chain,
    composed,
    sas_link,
)
from tests.contracts.service import Service
from tests.contracts.tokens import COMPOSE_SCOPE, Cast

AT = "Recipient.Settings.Attachments[0]"
SETTINGS = "Recipient.Settings"
NO_URI = "sasUrl must be an absolute HTTPS URI."
NO_STORE = "sasUrl host must be within Azure Blob Storage (*.blob.core.windows.net)."
NO_PARAMETERS = "sasUrl is missing required SAS parameters (se, sig, sp, sr)."
NO_EXPIRY = "sasUrl has an invalid 'se' (signed expiry) value."
NO_READING = "sasUrl does not grant read permission ('r' must be present in 'sp')."
TOO_EARLY = "sasUrl must be valid for at least 15 minutes after requestedSendTime."
NO_NAME = "filename must not contain path separators, and must include a file extension."
NO_TYPE = (
    "mimeType is not supported. Refer to ACS documentation for the list of accepted MIME types."
)
_MIME_TYPES = """
application/epub+zip application/gzip application/json application/msword application/ogg
application/onenote application/pdf application/rtf application/vnd.ms-excel
application/vnd.ms-excel.sheet.binary.macroEnabled.12
application/vnd.ms-excel.sheet.macroEnabled.12 application/vnd.ms-fontobject
application/vnd.ms-outlook application/vnd.ms-powerpoint
application/vnd.ms-powerpoint.presentation.macroEnabled.12
application/vnd.ms-powerpoint.slideshow.macroEnabled.12 application/vnd.ms-publisher
application/vnd.ms-word.document.macroEnabled.12
application/vnd.openxmlformats-officedocument.presentationml.presentation
application/vnd.openxmlformats-officedocument.presentationml.slideshow
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
application/vnd.openxmlformats-officedocument.wordprocessingml.document application/vnd.visio
application/x-7z-compressed application/x-rar-compressed application/x-tar application/xml
application/zip audio/aac audio/midi audio/mpeg audio/ogg audio/opus audio/wav audio/webm
audio/x-ms-wma font/otf font/ttf font/woff font/woff2 image/bmp image/gif image/jpeg image/png
image/svg+xml image/tiff image/vnd.microsoft.icon image/webp text/calendar text/csv text/plain
text/xml video/3gpp video/3gpp2 video/mp4 video/mpeg video/ogg video/webm video/x-ms-wmv
video/x-msvideo
"""
MIME_TYPES = _MIME_TYPES.split()


@pytest.fixture
def service(composer: Service) -> Service:
    return composer


def to_kari(**changes: Any) -> dict[str, Any]:
    return composed(
        recipient={"emailAddress": "kari@example.com", "emailSettings": EMAIL_SETTINGS | changes}
    )


def refusals(service: Service, *attachments: Any, **changes: Any) -> dict[str, list[str]]:
    """Without the words that name the file."""
    errors = service.errors(COMPOSED, composed(*attachments, **changes))
    return {
        key: [message.partition("': ")[2] or message for message in messages]
        for key, messages in errors.items()
    }


def placed(service: Service, *attachments: Any, **changes: Any) -> dict[str, Any]:
    answer = service.post(COMPOSED, composed(*attachments, **changes))
    assert answer.status == 201, answer
    notification: dict[str, Any] = answer.json["notification"]
    return notification


def test_it_is_answered_as_a_chain_without_reminders(service: Service) -> None:
    answer = service.post(COMPOSED, composed(sendersReference="decision"))
    assert answer.status == 201
    assert list(answer.json) == ["notificationOrderId", "notification"]
    assert list(answer.json["notification"]) == ["shipmentId", "sendersReference"]
    location: str = answer.headers["Location"]
    assert location.endswith(f"/orders/chain/{answer.json['notificationOrderId']}")


def test_it_is_a_shipment_of_its_own_type_and_shows_no_attachment(service: Service) -> None:
    shipment = placed(service)["shipmentId"]
    read = service.get(f"/future/shipment/{shipment}")
    assert read.json["type"] == "Composed"
    order = service.get(f"/orders/{shipment}")
    assert order.json["notificationChannel"] == "Email"
    assert order.json["recipients"] == [{"emailAddress": "kari@example.com"}]
    assert b"blob.core" not in order.body + read.body
    assert b"Letter.pdf" not in order.body + read.body


def test_it_may_be_cancelled(service: Service) -> None:
    shipment = placed(service, requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00Z")["shipmentId"]
    assert service.put(f"/orders/{shipment}/cancel").status == 200
    read = service.get(f"/future/shipment/{shipment}")
    assert read.json["status"] == "Order_Cancelled"


def test_a_known_id_is_answered_as_the_first_time_whatever_it_says(service: Service) -> None:
    request = composed(sendersReference="")
    first = service.post(COMPOSED, request)
    again = service.post(COMPOSED, {"idempotencyId": request["idempotencyId"], "recipient": None})
    assert (again.status, again.json) == (200, first.json)
    assert again.headers["Location"] is None
    assert again.json["notification"]["sendersReference"] == ""


def test_an_id_may_be_used_once_for_each_kind(service: Service) -> None:
    same = str(uuid4())
    assert service.post(COMPOSED, composed(idempotencyId=same)).status == 201
    assert service.post(FUTURE, chain(idempotencyId=same)).status == 201


def test_several_at_once_make_one(service: Service) -> None:
    request = composed()
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: service.post(COMPOSED, request), range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("attachments", [LEFT_OUT, None, []])
def test_attachments_are_optional(service: Service, attachments: Any) -> None:
    settings = {"attachments": attachments} if attachments is not LEFT_OUT else {}
    assert service.post(COMPOSED, to_kari(**settings)).status == 201


def test_names_count_in_any_case_and_may_come_twice(service: Service) -> None:
    """As Altinn's own correspondence writes them."""
    file = attachment(filename=LEFT_OUT, fileName="Letter.pdf", mimeType="Application/PDF")
    placed(service, file, file)


def test_whoever_speaks_for_nobody_learns_first_what_is_wrong(service: Service, cast: Cast) -> None:
    token = cast.bearer(urn__altinn__org=None, urn__altinn__scope=COMPOSE_SCOPE)
    headers = {"Authorization": f"Bearer {token}"}
    assert service.post(COMPOSED, to_kari(sendingTimePolicy=2), headers=headers).status == 400
    assert service.post(COMPOSED, composed(), headers=headers).status == 403


def test_what_has_to_be_written_is_told_by_name(service: Service) -> None:
    errors = service.errors(COMPOSED, composed(attachment(sasUrl=LEFT_OUT)))
    path = "$.recipient.emailSettings.attachments[0]"
    assert set(errors) == {"orderRequest", path}
    assert "'SasFileReferenceExt' was missing required properties" in errors[path][0]


def test_what_is_required_is_told_all_at_once(service: Service) -> None:
    file = attachment(filename=" ", mimeType=None, sasUrl=None)
    request = to_kari(subject="", attachments=[file]) | {"idempotencyId": ""}
    assert service.errors(COMPOSED, request) == {
        key: [f"The {key.rpartition('.')[2]} field is required."]
        for key in (
            "IdempotencyId",
            f"{SETTINGS}.Subject",
            f"{AT}.Filename",
            f"{AT}.MimeType",
            f"{AT}.SasUrl",
        )
    }


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        (
            {"sendingTimePolicy": "Daytime"},
            "SendingTimePolicy",
            "Email only supports send time anytime",
        ),
        ({"sendingTimePolicy": 7}, "SendingTimePolicy", "Email only supports send time anytime"),
        ({"contentType": 7}, "ContentType", "Email content type must be either Plain or HTML."),
        (
            {"senderEmailAddress": "x"},
            "SenderEmailAddress",
            "The sender email address is not valid.",
        ),
    ],
)
def test_the_e_mail_keeps_the_rules_of_any_other(
    service: Service, changes: dict[str, Any], key: str, message: str
) -> None:
    assert service.errors(COMPOSED, to_kari(**changes)) == {f"{SETTINGS}.{key}": [message]}


def test_the_order_keeps_the_rules_of_any_other(service: Service) -> None:
    request = composed(
        requestedSendTime="2020-01-01T00:00:00Z", conditionEndpoint="ftp://example.com"
    )
    request["recipient"]["emailAddress"] = "kari"
    assert service.errors(COMPOSED, request) == {
        "RequestedSendTime": ["RequestedSendTime must be greater than or equal to now."],
        "ConditionEndpoint": ["ConditionEndpoint must use http or https scheme."],
        "Recipient.EmailAddress": ["Invalid email address format."],
    }


@pytest.mark.parametrize(
    "name",
    [
        *(".pdf", "a.b.c", "Vedtak, Kåre Ås.pdf", "a..pdf", "x" * 251 + ".pdf"),
        *("👩\u200d💻.pdf", "\u0646\u0627\u0645\u0647\u200c\u0647\u0627.pdf", "a\u0301.pdf"),
    ],
)
def test_a_file_name_has_an_extension(service: Service, name: str) -> None:
    placed(service, attachment(filename=name))


@pytest.mark.parametrize(
    "name",
    [
        "README",
        "a.",
        "a/b.pdf",
        "a\\b.pdf",
        ".",
        "a.pdf/",
        "a. ",
        "a.\u00a0",
        "a.\u3164",
        "a.\u200d",
    ],
)
def test_a_file_name_without_one_or_with_a_path_is_none(service: Service, name: str) -> None:
    assert refusals(service, attachment(filename=name)) == {f"{AT}.Filename": [NO_NAME]}


@pytest.mark.parametrize(
    "name",
    [
        *("a\r\nBcc: x.pdf", "a\t.pdf", "a\x7f.pdf", "fdp.\u202eexe.pdf", "a\u2028.pdf"),
        *("a\u200b.pdf", "a\u00ad.pdf", "a.\ufeffpdf", "a\ue000.pdf", "a\U000e0041.pdf"),
    ],
)
def test_a_file_name_holds_nothing_that_is_not_seen(service: Service, name: str) -> None:
    found = refusals(service, attachment(filename=name))
    assert found == {f"{AT}.Filename": ["filename must not contain control characters."]}


def test_a_file_name_is_no_longer_than_file_systems_hold(service: Service) -> None:
    found = refusals(service, attachment(filename="å" * 126 + ".pdf"))
    assert found == {f"{AT}.Filename": ["The text is 256 bytes long; at most 255 are allowed."]}


def test_all_sixty_types_may_be_attached(service: Service) -> None:
    assert len(set(MIME_TYPES)) == 60
    placed(service, *(attachment(mimeType=one) for one in MIME_TYPES))


@pytest.mark.parametrize(
    "other",
    [
        "image/jpg",
        "text/html",
        "application/octet-stream",
        "application/x-zip",
        "pdf",
        "text/csv;x",
    ],
)
def test_other_types_may_not(service: Service, other: str) -> None:
    assert refusals(service, attachment(mimeType=other)) == {f"{AT}.MimeType": [NO_TYPE]}


@pytest.mark.parametrize(
    ("link", "messages"),
    [
        (sas_link(store="http://ttd.blob.core.windows.net"), [NO_URI]),
        (sas_link(store=""), [NO_URI]),
        ("ftp://ttd.blob.core.windows.net/x", [NO_URI]),
        ("https://ttd.blob.core.windows.net/a b", [NO_URI]),
        # Names that no name server has.
        (sas_link(store="https://ttd..blob.core.windows.net"), [NO_URI]),
        (sas_link(store="https://%74td.blob.core.windows.net"), [NO_URI]),
        (sas_link(store=f"https://{'a' * 64}.blob.core.windows.net"), [NO_URI]),
        (sas_link(store="https://example.com"), [NO_STORE]),
        (sas_link(store="https://blob.core.windows.net"), [NO_STORE]),
        (sas_link(store="https://ttd.blob.core.windows.net.example.com"), [NO_STORE]),
        (sas_link(store="https://ttdblob.core.windows.net"), [NO_STORE]),
        (sas_link(store="https://ttd.blob.core.windows.net."), [NO_STORE]),
        (
            sas_link(store="https://ttd@x.blob.core.windows.net"),
            ["sasUrl must hold neither user information nor a port."],
        ),
        (
            sas_link(store="https://ttd.blob.core.windows.net:8443"),
            ["sasUrl must hold neither user information nor a port."],
        ),
        (sas_link(sr="c"), [NO_PARAMETERS]),
        (sas_link(se=LEFT_OUT), [NO_PARAMETERS]),
        (sas_link(sig=" "), [NO_PARAMETERS]),
        (sas_link(sp=""), [NO_PARAMETERS]),
        (sas_link() + "&SR=b", [NO_PARAMETERS]),
        (sas_link(se="tomorrow"), [NO_EXPIRY]),
        (sas_link(sp="R"), [NO_READING]),
        (sas_link(se="0001-01-01T00:00:00+14:00", sp="w"), [NO_EXPIRY, NO_READING]),
        # What is not escaped is a blank.
        (sas_link(se=LEFT_OUT) + "&se=2099-01-01T00:00:00+01:00", [NO_EXPIRY]),
    ],
)
def test_a_link_leads_to_a_store_and_permits_reading(
    service: Service, link: str, messages: list[str]
) -> None:
    assert refusals(service, attachment(sasUrl=link)) == {f"{AT}.SasUrl": messages}


@pytest.mark.parametrize(
    "link",
    [
        sas_link(store="https://TTD.Blob.Core.Windows.Net"),
        sas_link(store="https://ttd.blob.core.windows.net:443"),
        sas_link(sr="B", sp="racwd"),
        sas_link(sr=LEFT_OUT) + "&SR=b",
        sas_link(se=f"{NEXT_YEAR + 1}-01-01T00:00:00+01:00"),
        sas_link(path="/p%C3%A5/%20.pdf"),
    ],
)
def test_a_link_is_read_as_the_store_reads_it(service: Service, link: str) -> None:
    placed(service, attachment(sasUrl=link))


@pytest.mark.parametrize("link", ["https://", "https://[", "https://a:b/", "https://a:0/", 7])
def test_what_is_no_address_is_no_link(service: Service, link: Any) -> None:
    errors = service.errors(COMPOSED, composed(attachment(sasUrl=link)))
    assert "$.recipient.emailSettings.attachments[0].sasUrl" in errors


class TestTheMargin:
    SEND_TIME = datetime(NEXT_YEAR, 1, 1, 8, 0, tzinfo=UTC)

    def at(self, expiry: datetime, **changes: Any) -> dict[str, Any]:
        link = sas_link(se=expiry.isoformat(), **changes)
        return composed(attachment(sasUrl=link), requestedSendTime=self.SEND_TIME.isoformat())

    def test_a_link_is_good_for_15_minutes_after_the_send_time(self, service: Service) -> None:
        enough = self.SEND_TIME + timedelta(minutes=15)
        assert service.post(COMPOSED, self.at(enough)).status == 201
        errors = service.errors(COMPOSED, self.at(enough - timedelta(seconds=1)))
        assert errors == {AT: [f"Attachment 'Letter.pdf': {TOO_EARLY}"]}

    def test_it_is_told_beside_what_else_is_wrong(self, service: Service) -> None:
        request = self.at(self.SEND_TIME, store="http://ttd.blob.core.windows.net")
        assert set(service.errors(COMPOSED, request)) == {AT, f"{AT}.SasUrl"}

    def test_without_a_send_time_it_counts_from_now(self, service: Service) -> None:
        soon = (datetime.now(UTC) + timedelta(minutes=14)).isoformat()
        assert refusals(service, attachment(sasUrl=sas_link(se=soon))) == {AT: [TOO_EARLY]}
        later = (datetime.now(UTC) + timedelta(minutes=17)).isoformat()
        placed(service, attachment(sasUrl=sas_link(se=later)))

    @pytest.mark.parametrize("expiry", ["0001-01-01", "9999-12-31T23:59:59Z"])
    def test_the_ends_of_time_are_no_fault_of_ours(self, service: Service, expiry: str) -> None:
        answer = service.post(COMPOSED, composed(attachment(sasUrl=sas_link(se=expiry))))
        assert answer.status in (201, 400)


def test_a_null_is_no_attachment(service: Service) -> None:
    found = refusals(service, attachment(), None)
    assert found == {"Recipient.Settings.Attachments[1]": ["Attachment item must not be null."]}


def test_a_hundred_files_are_enough(service: Service) -> None:
    placed(service, *[attachment()] * 100)
    found = refusals(service, *[attachment()] * 101)
    assert found == {
        "Recipient.Settings.Attachments": [
            "The e-mail has 101 attachments; at most 100 are allowed."
        ]
    }
