"""Three groups are there after every migrate, and stay as the installation has changed them."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from back_office.audit import roles


def may(user: User, permission: str) -> bool:
    return User.objects.get(pk=user.pk).has_perm(permission)


@pytest.fixture
def anne(db: None) -> User:
    return User.objects.create_user("anne", is_staff=True)


def test_migrating_installs_the_groups_with_all_their_permissions(db: None) -> None:
    for name, wanted in roles.GROUPS.items():
        permissions = Group.objects.get(name=name).permissions.select_related("content_type")
        found = {f"{one.content_type.app_label}.{one.codename}" for one in permissions}
        assert found == set(wanted)


@pytest.mark.parametrize(
    ("group", "allowed", "refused"),
    [
        ("support", ["resend", "cancel_order", "view_personal_data"], ["pause_channel", "hold"]),
        ("operator", ["pause_channel", "replay_reports", "hold"], ["view_personal_data"]),
        ("auditor", ["view_staffaction"], ["resend", "hold", "view_personal_data", "export"]),
    ],
)
def test_each_group_may_what_its_work_needs(
    anne: User, group: str, allowed: list[str], refused: list[str]
) -> None:
    anne.groups.add(Group.objects.get(name=group))
    assert all(may(anne, f"back_office.{one}") for one in allowed)
    assert not any(may(anne, f"back_office.{one}") for one in refused)


def test_an_auditor_changes_nothing(db: None) -> None:
    codenames = Group.objects.get(name="auditor").permissions.values_list("codename", flat=True)
    assert [one for one in codenames if not one.startswith("view_")] == []


@pytest.mark.parametrize(
    "permission",
    ["override_reservation", "resend_delivered", "send_outside_window", "export_unmasked"],
)
def test_what_sets_a_protection_aside_is_in_no_group(db: None, permission: str) -> None:
    assert not Group.objects.filter(permissions__codename=permission).exists()


def test_migrating_again_leaves_changes_alone_and_makes_what_is_missing(db: None) -> None:
    operator = Group.objects.get(name="operator")
    operator.permissions.remove(Permission.objects.get(codename="hold"))
    Group.objects.get(name="auditor").delete()
    call_command("migrate", verbosity=0)
    assert not operator.permissions.filter(codename="hold").exists()
    assert Group.objects.get(name="auditor").permissions.count() == len(roles.GROUPS["auditor"])


def test_a_group_waits_for_all_its_permissions(db: None) -> None:
    Group.objects.all().delete()
    Permission.objects.get(codename="replay_reports").delete()
    roles.install()
    assert set(Group.objects.values_list("name", flat=True)) == {"auditor", "support"}


@pytest.mark.parametrize(
    ("old_name", "permission", "holders", "migration"),
    [
        (
            "view_tick",
            "dispatch.view_jobrun",
            "support",
            "dispatch.migrations.0011_who_may_see_background_jobs",
        ),
        ("hurry", "back_office.send_now", "operator", "back_office.migrations.0004_send_now"),
    ],
)
def test_who_had_a_permission_has_it_under_its_new_name(
    anne: User, old_name: str, permission: str, holders: str, migration: str
) -> None:
    """What an installation holds that was made before the name changed."""
    new = Permission.objects.get(codename=permission.partition(".")[2])
    old = Permission.objects.create(codename=old_name, content_type=new.content_type, name="Old")
    holding, auditor = Group.objects.get(name=holders), Group.objects.get(name="auditor")
    for group in (holding, auditor):
        group.permissions.remove(new)
    holding.permissions.add(old)
    anne.user_permissions.add(old)
    import_module(migration).hand_on(apps, None)
    assert {old, new} <= set(holding.permissions.all())
    assert may(anne, permission)
    assert not auditor.permissions.contains(new)
