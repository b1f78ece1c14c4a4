"""The account that the database servers run under.

PostgreSQL refuses to run as root, so root lends it the unprivileged account every Unix has. An ordinary user runs the
servers as itself, which is `None` here.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from outrush_site.local.problems import LocalProblem

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Whether this account, with no further groups, can pass through this one folder."""
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def servers_account() -> Account | None:
    """The account to start servers with; None where the present one will do."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise LocalProblem(
            f"PostgreSQL can't run as root and there is no account '{UNPRIVILEGED}'. Run this as an ordinary user."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def refuse_closed_path(account: Account | None, folder: Path) -> None:
    """Raise LocalProblem where the account can't pass through one of the folders above `folder`."""
    if account is None:
        return
    for parent in reversed(folder.parents):
        if not account.may_enter(parent):
            raise LocalProblem(
                f"As root the databases run under the account '{account.name}', which can't enter {parent}. "
                "Move the checkout elsewhere, run as an ordinary user, or set OUTRUSH_VAR."
            )
