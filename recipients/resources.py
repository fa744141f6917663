"""The resource an order is about: a service whose users may be notified for an organisation."""

from dataclasses import dataclass

_PREFIX = "urn:altinn:resource:"


@dataclass(frozen=True, slots=True)
class Resource:
    """`id` as the order gives it, with or without its prefix; `action` is what a user must be
    allowed to do with the resource ("read" unless the order says otherwise)."""

    id: str
    action: str

    @property
    def plain_id(self) -> str:
        """The id as Profile and Authorization know it."""
        return self.id.strip().removeprefix(_PREFIX)

    @classmethod
    def of(cls, resource_id: str | None, action: str | None) -> "Resource | None":
        """What an order names; None where it names nothing. The usual action is "read"."""
        if resource_id is None or not resource_id.strip():
            return None
        return cls(resource_id, (action or "").strip() or "read")
