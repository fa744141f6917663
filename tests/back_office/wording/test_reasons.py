"""What the pipeline stores about its work is told in Norwegian, wherever it varies."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from back_office.wording.reasons import told
from recipients.registers import RegisterUnavailable
from script.launcher.paths import ROOT

WRITERS = (
    "dispatch/gateways",
    "dispatch/instant/recording.py",
    "dispatch/instant/sender.py",
    "dispatch/reports/delivery_reports.py",
    "dispatch/sending",
    "dispatch/upkeep/sweep.py",
    "events/sending/client.py",
    "events/sending/recording.py",
    "notifications/conditions",
    "notifications/control/stop.py",
    "notifications/expansion",
    "recipients/registers/tokens.py",
    "runtime/web/ssrf_guard.py",
)
"""What writes reasons for staff."""
TOLD_BY_THE_DOCTOR = {"examining.py", "gateway.py"}
NOT_FOR_STAFF = {
    "An outcome cannot be recorded.",
    "The channel is paused.",
    "The answer declares entities.",
    "The answer is about several messages.",
    "The reply has too many lines.",
    "The reply took too long.",
    "From handing a message to the transport until it knew the outcome.",
    "How long one claim of ready messages took in the database.",
    "Messages taken for sending.",
    "Messages tried, by what the gateway said.",
    "Messages tried with each gateway, by what it said.",
}


def sentences() -> Iterator[str]:
    """Every string that begins and ends as a sentence, `7` standing for what is filled in."""
    for writer in WRITERS:
        path = ROOT / writer
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if source.name in TOLD_BY_THE_DOCTOR:
                continue
            yield from _sentences_in(source)


def _sentences_in(source: Path) -> Iterator[str]:
    tree = ast.parse(source.read_text())
    pieces = {id(piece) for node in ast.walk(tree) for piece in getattr(node, "values", ())}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in pieces | docstrings:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(getattr(piece, "value", "7")) if isinstance(piece, ast.Constant) else "7"
                for piece in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if text[:1].isupper() and text.endswith(".") and " " in text and "\n" not in text:
            yield text.format_map(_Sevens()) if isinstance(node, ast.Constant) else text


class _Sevens(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "7"


def test_every_sentence_of_the_pipeline_has_a_translation() -> None:
    found = set(sentences()) - NOT_FOR_STAFF
    assert len(found) > 80
    with translation.override("nb"):
        assert sorted(sentence for sentence in found if told(sentence) == sentence) == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (
            "The SMS gateway answered with status 503: try later. Our access is wrong.",
            "SMS-leverandøren svarte med status 503: try later. Tilgangen vår er feil.",
        ),
        (
            "Refused twice while other messages got through: The mail server refuses the recipient:"
            " 550 5.1.1 <(address)>: no such user.",
            "Avvist to ganger mens andre meldinger kom gjennom: E-posttjeneren avviser mottakeren:"
            " 550 5.1.1 <(address)>: no such user.",
        ),
        (
            "Nobody knows whether the gateway took the message; it is not sent again. The SMS"
            " gateway did not answer within 2.5 seconds. So far only messages of ttd have met this;"
            " those of others go on.",
            "Ingen vet om leverandøren tok imot meldingen; den sendes ikke på nytt."
            " SMS-leverandøren svarte ikke innen 2.5 sekunder. Så langt gjelder det bare meldinger"
            " fra ttd; andres går videre.",
        ),
        (
            "The order could not be processed within 24 hours. Profile is unavailable: it answered"
            " with status 503.",
            "Ordren kunne ikke behandles innen 24 timer. Profile er utilgjengelig: det svarte med"
            " status 503.",
        ),
        (
            "Attachment 2 is not fetched: The link's host is a number.",
            "Vedlegg 2 hentes ikke: Lenken: verten er et tall.",
        ),
        (
            "Stopped by staff before it was sent: Ring Kari, 100 %(sure)s.",
            "Stoppet av saksbehandler før den ble sendt: Ring Kari, 100 %(sure)s.",
        ),
        (
            "Profile is unavailable: no answer within 3 seconds.",
            "Profile er utilgjengelig: intet svar innen 3 sekunder.",
        ),
        ("Invalid RCV.", "Invalid RCV."),
        ("", ""),
    ],
)
def test_a_stored_reason_is_told_with_what_it_quotes(stored: str, shown: str) -> None:
    with translation.override("nb"):
        assert told(stored) == shown
    with translation.override("en"):
        assert told(stored) == stored


def test_what_a_register_failed_by_is_told() -> None:
    stored = str(RegisterUnavailable("Register", "it refused more than 100 questions"))
    with translation.override("nb"):
        assert told(stored) == "Register er utilgjengelig: det avviste mer enn 100 spørsmål."
