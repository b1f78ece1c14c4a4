"""`make run`: everything on this machine, until Ctrl-C."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from outrush_site.local.environments import Environments
from outrush_site.local.problems import LocalProblem
from outrush_site.local.processes import Processes, mailbox_program, programs
from outrush_site.local.provision import provide
from outrush_site.local.secrets_file import SecretsFile
from outrush_site.local.servers import LocalServers
from outrush_site.local.surroundings import BASE_DIR, DEFAULT_PORTS, Surroundings, read_surroundings, write_private
from outrush_site.local.translations import compile_translations

STAFF_NAME = "staff"


def run(environ: Mapping[str, str], *, with_example: bool) -> None:
    """Start everything, print the addresses, and watch until this process is told to end.

    Raises LocalProblem with one line where something is in the way; whatever was started is stopped then too.
    """
    surroundings = read_surroundings(environ)
    surroundings.make_folders()
    with only_one(surroundings):
        _refuse_taken_ports(surroundings)
        site = _local_site(environ, surroundings, with_example=with_example)
        try:
            site.start()
            site.processes.watch()
        finally:
            site.stop()


def _local_site(environ: Mapping[str, str], surroundings: Surroundings, *, with_example: bool) -> "LocalSite":
    secrets = SecretsFile(surroundings.var / "secrets.json")
    kind = environ.get("OUTRUSH_ENV", "trial")
    servers = LocalServers(
        surroundings.servers, surroundings.log, secrets.made("database-superuser"), is_durable=kind != "test"
    )
    wants_example = with_example and "example-link" not in secrets
    return LocalSite(environ, kind, surroundings, secrets, servers, Processes(surroundings.log), wants_example)


@dataclass
class LocalSite:
    """One system on this machine: what it was asked for, its folders and ports, and what it has started.

    `kind` is `trial`, or `test` where losing the databases in a crash is no harm.
    """

    environ: Mapping[str, str]
    kind: str
    surroundings: Surroundings
    secrets: SecretsFile
    servers: LocalServers
    processes: Processes
    wants_example: bool

    def start(self) -> None:
        smtp_port = 0 if self.environ.get("EMAIL_URL") else _free_port()
        with step("Databases"):
            environments = self._environments(smtp_port)
        commands = environments.commands()
        _write_environment_file(self.surroundings, environments.own_names(commands))
        with step("Tables, keys and the example study" if self.wants_example else "Tables and keys"):
            compile_translations()
            prepared = self._prepare(commands)
        with step("Web servers and workers"):
            if smtp_port:
                self.processes.start(mailbox_program(self.surroundings, environments.public(), smtp_port))
            for program in programs(self.surroundings, environments):
                self.processes.start(program)
            self.processes.wait_until_ready()
        self._print_addresses(prepared, has_mailbox=bool(smtp_port))

    def stop(self) -> None:
        self.processes.stop()
        self.servers.stop()

    def _environments(self, smtp_port: int) -> Environments:
        """Have the servers running and the databases made."""
        prefix = self.environ.get("OUTRUSH_DATABASE_ROLE_PREFIX", "outrush")
        addresses = provide(self.environ, self.servers, self.secrets, prefix)
        mailbox = f"smtp://127.0.0.1:{smtp_port}"
        return Environments(
            self.surroundings, addresses, self.secrets, prefix, self.kind, email_url=mailbox, given=self.environ
        )

    def _prepare(self, environment: Mapping[str, str]) -> dict[str, Any]:
        """Run `manage.py prepare_trial` and return what it reports."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), "prepare_trial", "--json", "--staff-name", STAFF_NAME]
        process = subprocess.run(
            command + (["--example"] if self.wants_example else []),
            env={**environment, "OUTRUSH_STAFF_PASSWORD": self.secrets.made("staff-password", n_bytes=12)},
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        log = self.surroundings.log / "prepare.log"
        write_private(log, process.stderr)
        if process.returncode:
            lines = process.stderr.strip().splitlines() or ["it said nothing"]
            raise LocalProblem(f"{lines[-1]} (see {log})")
        report: dict[str, Any] = json.loads(process.stdout.strip().splitlines()[-1])
        if report.get("link"):
            self.secrets.keep("example-link", report["link"])
        return report

    def _print_addresses(self, prepared: Mapping[str, Any], *, has_mailbox: bool) -> None:
        here, is_known = self.surroundings, bool(prepared.get("is_staff_password"))
        password = self.secrets.get("staff-password") if is_known else "(the one you have set)"
        rows = [("Staff", f"{here.staff_url}/admin/   name {STAFF_NAME}, password {password}")]
        rows.append(("Respondent", self.secrets.get("example-link") or f"{here.public_url}/   (no wave is open yet)"))
        if has_mailbox:
            rows.append(("Mailbox", here.mailbox_url))
        for name, value in rows:
            print(f"{name:12}{value}")
        print("Everything runs. Ctrl-C stops it; the data stay in", os.path.relpath(here.var), flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show what is being done, and how long it took."""
    began = time.monotonic()
    print(f"  {name} … ", end="", flush=True)
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def only_one(surroundings: Surroundings) -> Iterator[None]:
    """Hold the folder's lock, which the kernel releases however this process ends."""
    with (surroundings.var / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LocalProblem(f"It is running already, with its files in {surroundings.var}.") from error
        yield


def _refuse_taken_ports(surroundings: Surroundings) -> None:
    ports = (surroundings.public_port, surroundings.staff_port, surroundings.mailbox_port)
    for name, port in zip(DEFAULT_PORTS, ports, strict=True):
        if ports.count(port) > 1:
            raise LocalProblem(f"Port {port} is asked for twice. Give {', '.join(DEFAULT_PORTS)} different numbers.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise LocalProblem(
                    f"Port {port} can't be used ({error.strerror}). Stop what uses it, "
                    f"or choose another: {name}=9000 make run"
                ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_environment_file(surroundings: Surroundings, variables: Mapping[str, str]) -> None:
    lines = (f"{name}={value}\n" for name, value in sorted(variables.items()) if value)
    write_private(surroundings.environment_file, "".join(lines))
