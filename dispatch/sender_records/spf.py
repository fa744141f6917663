"""Whether the SPF record of a domain lets our servers send: https://www.rfc-editor.org/rfc/rfc7208"""

from dataclasses import dataclass, field

from dispatch.sender_records.look_ups import LookUps

MAX_LOOK_UPS = 10
"""Terms that ask the DNS, in the record and all that it includes (RFC 7208, 4.6.4)."""
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})


class PermanentError(Exception):
    """Receivers take the record for none; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Walk:
    """Through a record and what it includes, until all is read or a receiver would give up."""

    look_ups: LookUps
    wanted: str
    asked: int = 0
    includes_ours: bool = field(default=False)

    def record_of(self, domain: str) -> str | None:
        """Raises PermanentError where there are several (RFC 7208, 4.5), and NoOneKnows."""
        records = [text for text in self.look_ups.texts(domain) if _is_spf(text)]
        if len(records) > 1:
            raise PermanentError("spf_several")
        return records[0] if records else None

    def through(self, record: str, *, lets_pass: bool = True) -> None:
        """`lets_pass`: whether what is included here may send. What stands behind `all` is not
        read, nor is `redirect` where there is an `all` (RFC 7208, 5.1 and 6.1).
        Raises PermanentError and NoOneKnows."""
        redirect = ""
        for term in record.split()[1:]:
            if term.lower().startswith("redirect="):
                redirect = term.partition("=")[2]
                continue
            qualifier = term[0] if term[0] in "+-~?" else "+"
            name, _, target = term.lstrip("+-~?").partition(":")
            name = name.partition("/")[0].lower()
            if name == "all":
                return
            if name in _ASKING:
                self._count()
            if name == "include":
                self._into(target, lets_pass=lets_pass and qualifier == "+")
        if redirect:
            self._count()
            self._into(redirect, lets_pass=lets_pass)

    def _into(self, target: str, *, lets_pass: bool) -> None:
        domain = target.rstrip(".").lower()
        self.includes_ours |= lets_pass and bool(self.wanted) and domain == self.wanted
        if "%" in domain:  # a macro, which only a mail fills in
            return
        record = self.record_of(domain)
        if record is None:
            raise PermanentError("spf_includes_none")
        self.through(record, lets_pass=lets_pass)

    def _count(self) -> None:
        self.asked += 1
        if self.asked > MAX_LOOK_UPS:
            raise PermanentError("spf_too_many")


def _is_spf(text: str) -> bool:
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")
