"""Which users may be told about a resource on behalf of an organisation."""

from collections.abc import Sequence

from recipients.registers import RegisterUnavailable, authorization
from recipients.registers.authorization import UserOfParty
from recipients.registers.profile import UserEntry
from recipients.resources import Resource


async def with_permission(users: Sequence[UserEntry], *, resource: Resource) -> list[UserEntry]:
    """The users, of whatever organisations, whom Authorization permits the resource's action.

    Raises RegisterUnavailable, about organisations: in doubt nobody is permitted and nothing is
    sent.
    """
    pairs = [_pair(user) for user in users]
    try:
        permitted = await authorization.permitted(pairs, resource=resource)
    except RegisterUnavailable as error:
        about = {user.organization_number for user in users if str(user.party_id) in error.about}
        raise RegisterUnavailable(error.register, error.reason, about=about) from error
    return [user for user in users if _pair(user) in permitted]


def _pair(user: UserEntry) -> UserOfParty:
    return UserOfParty(user.user_id, user.party_id)
