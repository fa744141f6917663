"""POST /notifications/sms/api/v1/reports: the SMS gateway tells what became of its messages.

A gateway of the setting GATEWAYS reports to its own folder: .../v1/<gateway>/reports.

The format is Link Mobility's ("Receiving delivery report", wiki.pswin.com).
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from dispatch.gateways import configured
from dispatch.gateways.base import MAX_REFERENCE
from dispatch.gateways.link_mobility import xml_characters
from dispatch.gateways.link_mobility.xml_characters import UnknownCharacters
from dispatch.gateways.proofs import is_basic
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.reports.retry_later import asks_to_repeat
from dispatch.reports.unproven import Unproven
from notifications.models import NotificationChannel, NotificationStatus
from runtime import clock

S = NotificationStatus

MAX_BODY = 1_048_576
XML = "application/xml, text/xml"

STATES = {
    "DELIVRD": S.DELIVERED,
    "EXPIRED": S.FAILED_EXPIRED,
    "DELETED": S.FAILED_DELETED,
    "UNDELIV": S.FAILED_UNDELIVERED,
    "REJECTD": S.FAILED_REJECTED,
    "BARRED": S.FAILED_BARRED_RECEIVER,
    "FAILED": S.FAILED,
    # Of premium SMS.
    "BARREDA": S.FAILED,
    "ZEROBAL": S.FAILED,
    # "No delivery report received from operator" and "no information": better knowledge may come.
    "NULL": S.FAILED,
    "UNKNOWN": S.FAILED,
}
SAYING_NOTHING = frozenset({"NULL", "UNKNOWN"})
_REQUIRED = ("RCV", "STATE")


class UnreadableReports(Exception):
    """The text says what is wrong, in the words that the gateway is answered with."""


@method_decorator([csrf_exempt, asks_to_repeat], name="dispatch")
class SmsReports(View):
    """Takes any number of reports at once. They are stored before they are answered with 200, and
    applied later, so that a report for an unknown message is taken too."""

    http_method_names = ["post"]
    gateway = ""

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self._is_the_gateway(request.headers.get("Authorization", "")):
            refusal = Unproven(status=401)
            refusal["WWW-Authenticate"] = 'Basic realm="delivery reports"'
            return refusal
        if not xml_characters.is_xml(request.content_type or ""):
            return HttpResponse(status=415, headers={"Accept": XML})
        try:
            encoding = xml_characters.encoding_of((request.content_params or {}).get("charset", ""))
        except UnknownCharacters:
            return HttpResponse(status=415, headers={"Accept": XML})
        body = request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            return HttpResponse(status=413)
        try:
            entries = entries_in(body, encoding=encoding)
        except UnreadableReports as error:
            return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
        reports = [
            to_report(entry, gateway=self.gateway) for entry in entries if missing_in(entry) is None
        ]
        delivery_reports.store(reports=reports, now=clock.now())
        return HttpResponse(receipt(entries), content_type="application/xml; charset=utf-8")

    def _is_the_gateway(self, authorization: str) -> bool:
        """By the user and password of its options, of which neither may be empty; while the
        password is replaced, the one before is good as well."""
        options = configured.gateway(NotificationChannel.SMS, self.gateway)
        return is_basic(
            authorization,
            user=options.option("reports_user"),
            passwords=[options.option("reports_password"), *options.several("reports_fallbacks")],
        )


def entries_in(body: bytes, *, encoding: str) -> Sequence[Element]:
    """The MSG elements, at least one of which can be used. Raises UnreadableReports.

    A DOCTYPE is passed over, as the gateway writes one; entities of its own are refused.
    """
    if not body.strip():
        raise UnreadableReports("Request content is empty")
    try:
        root: Element = fromstring(xml_characters.decoded(body, encoding=encoding))
    except (ParseError, UnicodeError, ValueError, DefusedXmlException) as error:
        raise UnreadableReports(f"XML is not well formed: {error}") from None
    entries = root.findall("MSG") if root.tag == "MSGLST" else []
    if not entries:
        raise UnreadableReports("Missing element MSG under MSGLST")
    missing = [missing_in(entry) for entry in entries]
    if all(missing):
        raise UnreadableReports(f"Missing element {missing[0]} under MSGLST/MSG")
    return entries


def missing_in(entry: Element) -> str | None:
    """The first of the elements that every report needs and this one has not."""
    return next((name for name in _REQUIRED if entry.find(name) is None), None)


def to_report(entry: Element, *, gateway: str = "") -> ReceivedReport:
    """A word that is not on the list has no status: a gateway's ACCEPTD, BUFFRED or ENROUTE says
    that the message is under way, and a new word may say anything."""
    state = _text(entry, "STATE")
    word = state.upper()
    return ReceivedReport(
        channel=NotificationChannel.SMS,
        reference=_text(entry, "REF")[:MAX_REFERENCE],
        status=STATES.get(word),
        is_uncertain=word in SAYING_NOTHING,
        gateway=gateway,
        report={
            "reference": _text(entry, "REF"),
            "receiver": _text(entry, "RCV"),
            "state": state,
            "deliveryTime": _text(entry, "DELIVERYTIME"),
        },
    )


def receipt(entries: Sequence[Element]) -> str:
    """OK for what was stored. The gateway sends again what is not OK."""
    answers = "".join(
        f"<MSG><ID>{escape(_text(entry, 'ID') or str(place))}</ID>"
        f"<STATUS>{'OK' if missing_in(entry) is None else 'FAIL'}</STATUS></MSG>"
        for place, entry in enumerate(entries, start=1)
    )
    return f'<?xml version="1.0"?><MSGLST>{answers}</MSGLST>'


def _text(entry: Element, name: str) -> str:
    return (entry.findtext(name) or "").strip()
