"""Starts the processes of the site, watches them, and stops them all."""

import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from outrush_site.local.children import start_child, stop_child
from outrush_site.local.environments import Environments
from outrush_site.local.guard import Guard
from outrush_site.local.problems import LocalProblem
from outrush_site.local.surroundings import BASE_DIR, Surroundings

START_SECONDS = 60
STOP_SECONDS = 15
CELERY = ("celery", "--quiet", "-A", "outrush_site.celery")


@dataclass(frozen=True)
class Program:
    """One process: `name` is its log file's too, `answers_at` an address that answers once it is ready."""

    name: str
    arguments: tuple[str, ...]  # after `python -m`
    environment: Mapping[str, str]
    answers_at: str = ""


@dataclass
class Processes:
    """The processes started so far, in order."""

    log: Path
    _guard: Guard | None = None
    _started: list[tuple[Program, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def start(self, program: Program) -> None:
        self._guard = self._guard or Guard()
        (self.log / f"{program.name}.log").unlink(missing_ok=True)
        process = start_child(
            [sys.executable, "-m", *program.arguments],
            log=self._log_of(program),
            environment=program.environment,
            folder=BASE_DIR,
            death_signal=signal.SIGTERM,
        )
        self._started.append((program, process))
        self._guard.watch(process.pid)

    def wait_until_ready(self) -> None:
        """Return when each that has an address answers there. Raises LocalProblem where one ends instead."""
        until = time.monotonic() + START_SECONDS
        for program, _ in self._started:
            while program.answers_at and not _answers(program.answers_at):
                self.refuse_ended()
                if time.monotonic() > until:
                    raise LocalProblem(f"The {program.name} process does not answer. See {self._log_of(program)}")
                time.sleep(0.05)

    def watch(self) -> None:
        """Wait for ever. Raises LocalProblem when a process ends by itself."""
        while True:
            self.refuse_ended()
            time.sleep(0.5)

    def refuse_ended(self) -> None:
        for program, process in self._started:
            if (code := process.poll()) is not None:
                reason = _telling_line(self._log_of(program))
                raise LocalProblem(
                    f"The {program.name} process has ended (exit code {code}): {reason} (see {self._log_of(program)})"
                )

    def stop(self) -> None:
        """Stop all of them at once, and wait until they are gone."""
        for _, process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while self._started:
            _, process = self._started.pop()
            stop_child(process, by=signal.SIGTERM, seconds=max(0.1, until - time.monotonic()))
        if self._guard:
            self._guard.dismiss()

    def _log_of(self, program: Program) -> Path:
        return self.log / f"{program.name}.log"


def programs(surroundings: Surroundings, environments: Environments) -> list[Program]:
    """The processes of the site, each with the environment of its role only."""
    public, staff, worker = environments.public(), environments.staff(), environments.worker()
    return [
        Program("public", _gunicorn(surroundings.public_port), public, surroundings.public_url),
        Program("staff", _gunicorn(surroundings.staff_port), staff, surroundings.staff_url),
        Program("vault", _celery_worker("vault"), worker),
        Program("desk", _celery_worker("desk"), staff),
        # Its few entries are fixed in code and safe to repeat, so beat needs no memory of when it last ran them.
        Program("beat", (*CELERY, "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", ""), worker),
    ]


def mailbox_program(surroundings: Surroundings, environment: Mapping[str, str], smtp_port: int) -> Program:
    arguments = ("outrush_site.local.mailbox", str(smtp_port), str(surroundings.mailbox_port))
    return Program("mailbox", arguments, environment, surroundings.mailbox_url)


def _gunicorn(port: int) -> tuple[str, ...]:
    bind = f"127.0.0.1:{port}"
    return ("gunicorn", "--config", "python:outrush_site.gunicorn", "--bind", bind, "outrush_site.wsgi:application")


def _celery_worker(queue: str) -> tuple[str, ...]:
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "WARNING")
    return (*CELERY, "worker", "--queues", queue, "--hostname", f"{queue}@local", "--concurrency", "1", *quiet)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (our own http address)
    except urllib.error.HTTPError:
        return True  # an error page is an answer
    except OSError:
        return False
    return True


def _telling_line(log: Path) -> str:
    """The last line that names an error, since servers say more after it; else the last one."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    named = [line for line in lines if re.match(r"outrush\.E\d+: |[\w.]+(Error|Exception)\b", line)]
    return (named or lines or ["it said nothing"])[-1]
