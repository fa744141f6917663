"""The account of whoever comes by single sign-on: its roles are those of the groups that the
provider names, at each log-in anew."""

import re
from collections.abc import Mapping
from itertools import chain, count

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from back_office.models import StaffIdentity

MAX_NAME = 140
"""Of a user name, which may get a number behind it. Django's have 150 characters."""


class NoAccess(Exception):
    """Somebody the provider knows, but none of ours (any more)."""


def account_of(claims: Mapping[str, object]) -> User:
    """Made at the first log-in. Raises NoAccess without a role or for an account that was switched
    off: what the account could do until then, it can do no more."""
    try:
        account = _updated(claims)
    except IntegrityError:  # another process has made the account at the same moment
        account = _updated(claims)
    if not (account.is_staff and account.is_active):
        raise NoAccess
    return account


@transaction.atomic
def _updated(claims: Mapping[str, object]) -> User:
    roles = list(Group.objects.filter(name__in=roles_of(claims)).order_by("name"))
    known = {"issuer": str(claims["iss"]), "subject": str(claims["sub"])}
    identity = StaffIdentity.objects.select_related("staff").filter(**known).first()
    if identity is None and not roles:
        raise NoAccess
    account = identity.staff if identity else _awaited(claims) or _new_account(claims)
    account.first_name = _text(claims, "given_name", 150)
    account.last_name = _text(claims, "family_name", 150)
    account.email = _text(claims, "email", 254)
    account.is_staff = bool(roles)
    account.save()
    if identity is None:
        StaffIdentity.objects.create(staff=account, **known)
    _give(account, roles)
    return account


def roles_of(claims: Mapping[str, object]) -> set[str]:
    """By the groups of the claim: a list of names, or one name."""
    named = claims.get(settings.SSO_GROUP_CLAIM)
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    groups = {name for name in names if isinstance(name, str)}
    leading = {
        "support": settings.SSO_SUPPORT_GROUPS,
        "operator": settings.SSO_OPERATOR_GROUPS,
        "auditor": settings.SSO_AUDITOR_GROUPS,
    }
    return {role for role, wanted in leading.items() if groups & set(wanted)}


def _give(account: User, roles: list[Group]) -> None:
    had = set(account.groups.all())
    if had == set(roles):
        return
    account.groups.set(roles)
    names = ", ".join(role.name for role in roles) or "none"
    LogEntry.objects.log_actions(
        account.pk,
        [account],
        CHANGE,
        change_message=f"Roles by single sign-on: {names}.",
        single_object=True,
    )


def _awaited(claims: Mapping[str, object]) -> User | None:
    """The account that was made for the person beforehand: nobody has ever been in it, and no
    password opens it."""
    name = _name(claims)
    waiting = User.objects.filter(username=name, last_login=None, staffidentity=None)
    account = waiting.filter(is_superuser=False, user_permissions=None).first()
    return account if account and not account.has_usable_password() else None


def _new_account(claims: Mapping[str, object]) -> User:
    """Under the name that the provider uses; with a number behind it where an account is called so
    already, which stays its owner's."""
    name = _name(claims)
    for one in chain([name], (f"{name}-{number}" for number in count(2))):
        if not User.objects.filter(username__iexact=one).exists():
            account = User(username=one)
            account.set_unusable_password()
            return account
    raise AssertionError("Numbers do not end.")


def _name(claims: Mapping[str, object]) -> str:
    wanted = _text(claims, "preferred_username", 0) or _text(claims, "email", 0)
    return re.sub(r"[^\w.@+-]", "", wanted)[:MAX_NAME] or "staff"


def _text(claims: Mapping[str, object], name: str, longest: int) -> str:
    value = claims.get(name)
    text = (
        value.replace("\x00", "").encode(errors="ignore").decode() if isinstance(value, str) else ""
    )
    return text[:longest] if longest else text
