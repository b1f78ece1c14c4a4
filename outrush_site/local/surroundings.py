"""Where a system on one's own machine keeps its files, which ports it uses, and what its commands need to know.

var/            0711  (as root, the servers' account has to pass through)
var/env         0600  environment of role `all`, which manage.py takes over in another terminal
var/secrets.json 0600 passwords and secret keys made on the first start
var/keys/       0700  the key folder
var/servers/    0700  PostgreSQL's files, and the sockets of both servers
var/log/        0700  one file for each process
var/tmp/        0700  what would else go to /tmp
var/static/     0700  (empty: static files are served from their places)
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outrush_site.local.problems import LocalProblem

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORTS = {"OUTRUSH_PUBLIC_PORT": 8000, "OUTRUSH_STAFF_PORT": 8001, "OUTRUSH_MAILBOX_PORT": 8025}
LARGEST_PORT = 65_535


@dataclass(frozen=True)
class Surroundings:
    """Folders and ports of one local system. `var` is absolute."""

    var: Path
    public_port: int
    staff_port: int
    mailbox_port: int

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def keys(self) -> Path:
        return self.var / "keys"

    @property
    def servers(self) -> Path:
        return self.var / "servers"

    @property
    def environment_file(self) -> Path:
        return self.var / "env"

    @property
    def public_url(self) -> str:
        return f"http://127.0.0.1:{self.public_port}"

    @property
    def staff_url(self) -> str:
        return f"http://127.0.0.1:{self.staff_port}"

    @property
    def mailbox_url(self) -> str:
        return f"http://127.0.0.1:{self.mailbox_port}"

    def make_folders(self) -> None:
        """Make the folders that don't exist yet, closed to other accounts."""
        self.var.mkdir(parents=True, exist_ok=True)
        self.var.chmod(0o711)
        for folder in (self.log, self.keys, self.var / "tmp", self.var / "static"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)


def read_surroundings(environ: Mapping[str, str]) -> Surroundings:
    """The surroundings that the environment asks for. Raises LocalProblem where a port isn't one."""
    ports = [_port(environ, name, default) for name, default in DEFAULT_PORTS.items()]
    return Surroundings(var_folder(environ), *ports)


def var_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("OUTRUSH_VAR") or BASE_DIR / "var").absolute()


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) <= LARGEST_PORT:
        raise LocalProblem(f"{name} is '{value}', but must be a port number between 1 and {LARGEST_PORT}.")
    return int(value)


def adopt_local_environment() -> None:
    """Take the variables that `make run` wrote to var/env, unless this process has settings of its own."""
    file = var_folder(os.environ) / "env"
    if "OUTRUSH_ROLE" in os.environ or not file.exists():
        return
    for name, value in read_environment_file(file).items():
        os.environ.setdefault(name, value)


def read_environment_file(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines) if name}


def write_private(file: Path, content: str) -> None:
    """Write a file that only its owner can read, at once or not at all."""
    draft = file.with_name(f".{file.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(content)
    draft.replace(file)
