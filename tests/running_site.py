"""The whole system as real processes, for tests that need them: public, staff, both workers, beat, servers, mailbox.

    with RunningSite(folder) as site:
        site.manage("import_panel", "people.csv")
        site.move_clock(timedelta(days=3))
        site.wait_for_messages(200)

It is what `make run` starts, with databases, ports and a clock of its own, without the example study; beat ticks each
second.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from outrush_site.local.children import start_child, stop_child
from outrush_site.local.environments import plain
from outrush_site.local.provision import OWNER
from outrush_site.local.servers import SUPERUSER
from outrush_site.local.surroundings import BASE_DIR, read_environment_file

START_SECONDS = 120
STOP_SECONDS = 60


class RunningSite:
    def __init__(self, folder: Path, **environment: str) -> None:
        """Files go to `folder`, which is emptied first; `environment` are further settings."""
        self.folder = folder
        self.public_port, self.staff_port, self.mailbox_port = free_ports(3)
        self.public_url = f"http://127.0.0.1:{self.public_port}"
        self.staff_url = f"http://127.0.0.1:{self.staff_port}"
        self.mailbox_url = f"http://127.0.0.1:{self.mailbox_port}"
        self._environment = environment
        self._clock = folder / "clock"
        self._moved = timedelta()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self.start_again()

    def start_again(self) -> Self:
        """Start on the files that are there. Raises AssertionError with what it printed where it doesn't come up."""
        self.folder.joinpath("printed").unlink(missing_ok=True)
        self._process = start_child(
            [sys.executable, "-m", "outrush_site.local", "run", "--without-example"],
            log=self.folder / "printed",
            environment=plain(os.environ) | self._own_environment() | self._environment,
            folder=BASE_DIR,
            death_signal=signal.SIGTERM,
        )
        try:
            self._wait_until_it_runs(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_it_runs(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + START_SECONDS
        while "Everything runs" not in self.printed():
            assert process.poll() is None, self.printed()
            assert time.monotonic() < until, self.printed()
            time.sleep(0.1)

    def stop(self) -> int:
        """Stop as Ctrl-C does; returns the exit code."""
        assert self._process is not None, "it was never started"
        stop_child(self._process, by=signal.SIGINT, seconds=STOP_SECONDS)
        return int(self._process.returncode)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def printed(self) -> str:
        return (self.folder / "printed").read_text()

    @property
    def staff_name(self) -> str:
        return "staff"

    @property
    def staff_password(self) -> str:
        return str(json.loads((self.folder / "secrets.json").read_text())["staff-password"])

    def environment(self) -> dict[str, str]:
        """What a command beside the running site sees."""
        return plain(os.environ) | read_environment_file(self.folder / "env")

    def manage(self, *arguments: str | Path, is_refused: bool = False) -> str:
        """Run `manage.py` beside the site; returns what it prints, of a refused command what it says.

        Raises AssertionError where it ends otherwise than expected.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            env=self.environment(),
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert bool(done.returncode) == is_refused, f"{arguments}: exit code {done.returncode}\n{done.stderr}"
        return done.stderr if is_refused else done.stdout

    def move_clock(self, by: timedelta) -> None:
        """Move the clock of all processes on (or back)."""
        self._moved += by
        draft = self._clock.with_suffix(".new")
        draft.write_text(str(self._moved.total_seconds()))
        draft.replace(self._clock)

    @property
    def clock_offset(self) -> timedelta:
        """How far its clock is ahead of ours."""
        return self._moved

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        """The mails sent so far, as outrush_site/local/mailbox.py describes them."""
        with urllib.request.urlopen(f"{self.mailbox_url}/messages.json?after={after}", timeout=10) as response:
            found: list[dict[str, Any]] = json.load(response)
        return found

    def wait_for_messages(self, n: int, *, seconds: float = 60) -> list[dict[str, Any]]:
        """All mails, once there are at least `n`. Raises AssertionError where they don't come."""
        until = time.monotonic() + seconds
        while len(found := self.messages()) < n:
            assert time.monotonic() < until, f"{len(found)} mails after {seconds} s instead of {n}"
            time.sleep(0.2)
        return found

    def connect(self, alias: str = "answers", tier: str = "owner") -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection to one of its databases as `owner`, as `superuser`, or as a tier's role."""
        name = {"answers": "answers", "default": "panel"}[alias]
        secrets = json.loads((self.folder / "secrets.json").read_text())
        accounts = {"owner": (OWNER, "database-owner"), "superuser": (SUPERUSER, "database-superuser")}
        user, key = accounts.get(tier, (f"outrush_{tier}", f"role-outrush_{tier}"))
        password = secrets[key]
        host = str(self.folder / "servers" / "s")
        return psycopg.connect(host=host, dbname=name, user=user, password=password, autocommit=True)

    def _own_environment(self) -> dict[str, str]:
        return {
            "OUTRUSH_ENV": "test",
            "OUTRUSH_VAR": str(self.folder),
            "OUTRUSH_PUBLIC_PORT": str(self.public_port),
            "OUTRUSH_STAFF_PORT": str(self.staff_port),
            "OUTRUSH_MAILBOX_PORT": str(self.mailbox_port),
            "OUTRUSH_CLOCK_FILE": str(self._clock),
            "OUTRUSH_BEAT_SECONDS": "1",
        }


def free_ports(n: int) -> list[int]:
    """`n` different ports that nobody uses at the moment."""
    probes = [socket.socket() for _ in range(n)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
