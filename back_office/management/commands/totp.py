"""Issues the secret of an account's one-time codes: `manage.py totp`."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from back_office.actions.action import Done, Preview
from back_office.audit.log import Actor, Why
from back_office.management.action_command import ActionCommand, Options
from back_office.models import SecondFactor
from back_office.pages.staff import second_factor


class Command(ActionCommand):
    does = (
        "Issues a secret for one-time codes, which an account with a password logs in with, and"
        " prints it once. One that it had before is good no longer."
    )
    example = 'totp kari --reason "A new phone"'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME", help="The account's user name.")

    def preview(self, options: Options, *, now: datetime) -> Preview:
        account = _account(options["name"])
        had = SecondFactor.objects.filter(staff=account).exists()
        return Preview(
            f"{account} gets a new secret; the one before is good no longer."
            if had
            else f"{account} gets a secret, the first.",
            {"account": account.username, "has_one": had},
        )

    def run(self, options: Options, *, by: Actor, why: Why, now: datetime) -> Done:
        account = _account(options["name"])
        uri = second_factor.issue(account, by=by, why=why, now=now)
        [secret] = parse_qs(urlsplit(uri).query)["secret"]
        return Done(
            f"{account} has a new secret, which nothing tells again. Make a code of the address for"
            f" the camera of an app, or type the secret in.\n  {uri}\n  {secret}",
            {"account": account.username, "uri": uri, "secret": secret},
        )


def _account(name: str) -> User:
    account = User.objects.filter(username=name).first()
    if account is None:
        raise CommandError(f"There is no account {name}.")
    if not (account.is_staff and account.is_active and account.has_usable_password()):
        raise CommandError(f"{name} does not log in with a password.")
    return account
