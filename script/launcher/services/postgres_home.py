"""Where script/server's PostgreSQL keeps its data between starts."""

import os
import tempfile
from pathlib import Path

from script.launcher.services.account import Account, hand_over, may_enter

ELSEWHERE = Path("/var/lib")


def postgres_home(var: Path, account: Account | None) -> Path:
    """The folder of the data, made on the first start; var/postgres leads there.

    It is var/postgres itself, except for root with a checkout that no other account can enter
    (under /root, say): PostgreSQL cannot run as root and we open nobody's folders, so the data
    then lies under /var/lib and var/postgres is a link.
    """
    home = var / "postgres"
    if not home.exists():
        home.unlink(missing_ok=True)  # a link to what was deleted
        if account is None or may_enter(var, account):
            home.mkdir(mode=0o700)
        else:
            home.symlink_to(tempfile.mkdtemp(prefix="notifications-", dir=ELSEWHERE))
    folder = home.resolve()
    if account is not None and folder.stat().st_uid != account.uid:
        # First start, or an account 'postgres' has been added to this machine since.
        for path in folder.rglob("*"):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    hand_over(folder, account)
    return folder
