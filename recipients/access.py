"""Which users may be told about a resource on behalf of an organisation."""

from collections.abc import Sequence

from recipients.registers import authorization
from recipients.registers.authorization import UserOfParty
from recipients.registers.profile import UserEntry
from recipients.resources import Resource


async def with_permission(users: Sequence[UserEntry], *, resource: Resource) -> list[UserEntry]:
    """The users, of whatever organisations, whom Authorization permits the resource's action.

    Raises RegisterUnavailable: in doubt nobody is permitted and nothing is sent.
    """
    permitted = await authorization.permitted([_pair(user) for user in users], resource=resource)
    return [user for user in users if _pair(user) in permitted]


def _pair(user: UserEntry) -> UserOfParty:
    return UserOfParty(user.user_id, user.party_id)
