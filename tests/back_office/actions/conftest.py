"""Staff of each group, and pages read as they read them."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from back_office.audit.log import Actor, Why

ANNE = Actor("anne")
WHY = Why("The gateway was down.", "SAK-17")

LogIn = Callable[..., "Desk"]


class Desk:
    """A member of staff at work."""

    def __init__(self, client: Client, user: User) -> None:
        self.client, self.user = client, user

    def read(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.status_code
        return unescape(answer.content.decode())

    def status(self, address: str, **data: Any) -> int:
        """Of a POST where there is data, else of a GET."""
        answer = self.client.post(address, data) if data else self.client.get(address)
        return answer.status_code

    def send(self, address: str, **fields: Any) -> str:
        """The page that a form leads to, whether it is done or asked about again."""
        sent = {"reason": "The gateway was down.", "case_reference": "SAK-17", **fields}
        answer = self.client.post(address, sent, follow=True)
        assert answer.status_code == 200, answer.status_code
        return unescape(answer.content.decode())

    def confirm(self, address: str, **fields: Any) -> str:
        """Read what will happen with these choices, and agree to it."""
        asked = self.client.post(address, {"reason": "x", **fields})
        return self.send(address, shown=asked.context["shown"], **fields)


@pytest.fixture
def log_in(client: Client, db: None) -> LogIn:
    """As a new user in the group, with further permissions."""

    def logged_in(group: str, *permissions: str) -> Desk:
        user = User.objects.create_user(group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return Desk(client, user)

    return logged_in


def page_of(model: str, key: object, action: str) -> str:
    return reverse(f"admin:{model}_action", args=[key, action])


def change_page_of(model: str, key: object) -> str:
    return reverse(f"admin:{model}_change", args=[key])


def list_of(model: str) -> str:
    return reverse(f"admin:{model}_changelist")


def selection_of(model: str, action: str) -> str:
    return reverse(f"admin:{model}_action_selected", args=[action])
