"""Register: what people and organisations are called."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings

from recipients.registers import RegisterUnavailable, answers
from recipients.registers.calls import ask_in_batches, masked_identifier, post
from recipients.registers.tokens import TokenUnavailable, platform_token

REGISTER = "Register"
BATCH_SIZE = 1_000
MAX_NAME = 1_000


@dataclass(frozen=True, slots=True)
class NameEntry:
    """A name and the one number it belongs to; the other number is ""."""

    national_identity_number: str
    organization_number: str
    name: str


@dataclass(frozen=True, slots=True)
class _Party:
    """One item of the question: a person or an organisation."""

    member: str
    identifier: str


async def names(*, persons: Collection[str], organizations: Collection[str]) -> list[NameEntry]:
    """The names of those that Register knows; "" for those whose name it does not.

    Persons and organisations share their calls. Raises RegisterUnavailable.
    """
    parties = [
        *(_Party("ssn", person) for person in persons),
        *(_Party("orgNo", organization) for organization in organizations),
    ]
    batches = await ask_in_batches(
        parties,
        register=REGISTER,
        size=BATCH_SIZE,
        ask=_ask,
        masked=lambda party: masked_identifier(party.identifier),
        identifier=lambda party: party.identifier,
    )
    return [entry for batch in batches for entry in batch]


async def _ask(batch: Sequence[_Party]) -> list[NameEntry]:
    answer = await post(
        register=REGISTER,
        base_url=settings.REGISTER_URL,
        path="parties/nameslookup",
        headers={"PlatformAccessToken": _platform_token()},
        body={
            "organizationNumbers": [p.identifier for p in batch if p.member == "orgNo"],
            "socialSecurityNumbers": [p.identifier for p in batch if p.member == "ssn"],
            # The same once more, in the shape that Register reads today.
            "parties": [{party.member: party.identifier} for party in batch],
        },
    )
    with answers.reading(REGISTER):
        return [
            NameEntry(
                national_identity_number=answers.text(entry, "ssn"),
                organization_number=answers.text(entry, "orgNo"),
                name=_name(answers.text(entry, "name")),
            )
            for entry in answers.objects(answer, "partyNames")
        ]


def _name(text: str) -> str:
    """ "" for what is longer than any name, with which a text of many keywords would be filled."""
    return text if len(text) <= MAX_NAME else ""


def _platform_token() -> str:
    try:
        return platform_token()
    except TokenUnavailable as error:
        raise RegisterUnavailable(REGISTER, str(error)) from error
