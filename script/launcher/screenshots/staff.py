"""The accounts at the desk: one member of staff for each group."""

from script.launcher.system.running_system import RunningSystem

PASSWORD = "fjord-og-fjell-7"
SUPPORT, OPERATOR, AUDITOR, CHIEF = "siri", "odd", "audun", "sjef"
"""`CHIEF` may do everything."""

_GROUPS = {SUPPORT: "support", OPERATOR: "operator", AUDITOR: "auditor"}
_HIRE = f"""
from django.contrib.auth.models import Group, User
for name, group in {_GROUPS!r}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
User.objects.create_superuser({CHIEF!r}, password={PASSWORD!r})
"""


def hire(system: RunningSystem) -> None:
    """Make the accounts."""
    system.command("shell", "-v", "0", "-c", _HIRE)
