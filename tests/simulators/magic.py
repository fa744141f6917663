"""Recipients whose number or address decides what becomes of a message to them."""

from dataclasses import dataclass

MAGIC_PREFIX = "47410"
MAGIC_DOMAIN = "magic.example"

SLOW = 3.0
LATE = 60.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a message.

    `reports` are the delivery reports to come, each with the seconds that it is behind the usual
    delay. `trouble` is what the sender meets instead of a plain answer, in the words of the faults.
    """

    refusal: str = ""
    trouble: str = ""
    first_time_only: bool = False
    arrives: bool = True
    early: bool = False
    reports: tuple[tuple[str, float], ...] = ()


def _reported(state: str, *, behind: float = 0.0) -> Fate:
    return Fate(arrives=False, reports=((state, behind),))


SMS_DELIVERED = Fate(reports=(("DELIVRD", 0.0),))
SMS_FATES = {
    "01": _reported("BARRED"),
    "02": _reported("UNDELIV"),
    "03": _reported("EXPIRED"),
    "04": _reported("DELETED"),
    "05": _reported("REJECTD"),
    "06": _reported("FAILED"),
    "07": _reported("UNKNOWN"),
    "08": _reported("ZEROBAL"),
    "10": Fate(reports=(("DELIVRD", SLOW),)),
    "11": Fate(reports=(("DELIVRD", LATE),)),
    "12": Fate(),
    "13": Fate(reports=(("DELIVRD", 0.0), ("DELIVRD", 0.0), ("DELIVRD", 1.0))),
    "14": Fate(reports=(("DELIVRD", 0.0),), early=True),
    "15": Fate(reports=(("DELIVRD", 0.0), ("UNDELIV", 1.0))),
    "20": Fate(trouble="error500"),
    "21": Fate(trouble="time-out"),
    "22": Fate(trouble="close-after-reading", reports=(("DELIVRD", 0.0),)),
    "23": Fate(trouble="error500", first_time_only=True, reports=(("DELIVRD", 0.0),)),
    "24": Fate(trouble="close-after-reading", first_time_only=True, reports=(("DELIVRD", 0.0),)),
    "30": Fate(refusal="Invalid RCV"),
    "31": Fate(refusal="Receiver is blocked"),
    "32": Fate(refusal="No credits for this receiver"),
}

MAIL_DELIVERED = Fate(reports=(("delivered", 0.0),))
MAIL_FATES = {
    "bounced": _reported("bounced"),
    "failed": _reported("failed"),
    "rejected": _reported("rejected"),
    "deferred": Fate(reports=(("deferred", 0.0), ("delivered", SLOW))),
    "slow": Fate(reports=(("delivered", SLOW),)),
    "late": Fate(reports=(("delivered", LATE),)),
    "silent": Fate(),
    "duplicate": Fate(reports=(("delivered", 0.0), ("delivered", 0.0), ("delivered", 1.0))),
    "early": Fate(reports=(("delivered", 0.0),), early=True),
    "unknown-user": Fate(refusal="550 5.1.1 No such user here"),
    "moved": Fate(refusal="551 5.1.6 User not local"),
    "bad-syntax": Fate(refusal="501 5.1.3 Bad recipient address syntax"),
    "bad-name": Fate(refusal="553 5.1.3 Mailbox name not allowed"),
    "refused": Fate(refusal="554 5.7.1 Recipient refuses mail"),
    "busy": Fate(refusal="450 4.2.1 Mailbox temporarily unavailable"),
    "full": Fate(refusal="452 4.2.2 Mailbox full"),
    "greylisted": Fate(
        refusal="451 4.7.1 Greylisted, try again later",
        first_time_only=True,
        reports=(("delivered", 0.0),),
    ),
    "spam": Fate(trouble="error554"),
    "hanging": Fate(trouble="time-out"),
    "lost": Fate(trouble="close-after-reading", reports=(("delivered", 0.0),)),
}


def fate_of_number(receiver: str) -> Fate:
    """What becomes of an SMS to this number, in digits only: `47 410 CC ddd` is magic."""
    if receiver.startswith(MAGIC_PREFIX) and len(receiver) == 10:
        return SMS_FATES.get(receiver[5:7], SMS_DELIVERED)
    return SMS_DELIVERED


def fate_of_address(address: str) -> Fate:
    """What becomes of an e-mail to this address: `<name>[+anything]@magic.example` is magic."""
    local_part, _, domain = address.lower().rpartition("@")
    if domain == MAGIC_DOMAIN:
        return MAIL_FATES.get(local_part.partition("+")[0], MAIL_DELIVERED)
    return MAIL_DELIVERED
