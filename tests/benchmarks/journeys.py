"""Throughput of the respondents' pages: whole journeys, from the link to the last page, against real processes.

    .venv/bin/python -m tests.benchmarks.journeys surveys/example/w2024.xlsx --at-once 8 32 --seconds 30

Starts the system as `make run` does, on databases that survive a crash (fsync on), publishes the workbook, invites as
many as it needs, and lets respondents answer: `--at-once` of them at a time, each with a cookie and a connection of
their own, without think time. What they answer is worked out before, by the engine's simulated respondents. A request
counts together with the redirect it is answered with, so a questionnaire of 8 pages is 11: the link's page, its button,
one for each page, and the button that finishes. Raw sockets and two processes keep the generator small; it shares the
machine with what it measures, so its own share of the processors is told, and what anything else has used ("noise").
"""

import argparse
import json
import multiprocessing
import os
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from surveys.instrument import advance, resuming
from surveys.instrument.authoring import compile_workbook
from surveys.instrument.authoring.options import Options
from surveys.instrument.evaluation import Environment, compile_program
from surveys.instrument.model import Instrument
from surveys.instrument.respondents import Profile, answer_page
from tests.benchmarks.processors import Processors, processes_of
from tests.fieldwork import invite, open_wave
from tests.running_site import RunningSite

N_PLANS = 60  # different respondents, taken in turn
N_DRIVERS = 2
#: More journeys than a machine of this kind can do in a second, so that links never run out.
MOST_A_SECOND = 150
#: Forms of others are published without what can't be asked on the web.
LENIENT = Options(without_unsupported=True, allow_duplicate_choices=True)
LENIENTLY = ("--without-unsupported", "--allow-duplicate-choices")
HIDDEN = re.compile(rb'name="(-token|-stamp|-language)" value="([^"]*)"')
LAST = "/i/done/"

Plan = Sequence[tuple[str, str]]  # page, and what is posted from it, encoded


@dataclass
class Measured:
    """What the drivers saw. Times in seconds, of successful requests by what was asked."""

    times: dict[str, list[float]] = field(default_factory=dict)
    journeys: list[float] = field(default_factory=list)
    n_requests: int = 0  # with redirects
    n_bytes: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    driver_seconds: float = 0

    def add(self, other: "Measured") -> None:
        for name, times in other.times.items():
            self.times.setdefault(name, []).extend(times)
        self.journeys += other.journeys
        self.n_requests += other.n_requests
        self.n_bytes += other.n_bytes
        self.problems += other.problems
        self.driver_seconds += other.driver_seconds


class Browser:
    """One respondent: one connection kept open, one cookie, and no more of HTTP than the site uses."""

    def __init__(self, port: int, measured: Measured, address: str) -> None:
        """`address` is its own, on this machine: each respondent is in a network of their own."""
        self._port, self._measured, self._address = port, measured, address
        self._socket: socket.socket | None = None
        self._cookie = ""
        self.html = b""
        self.path = ""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def get(self, path: str) -> int:
        return self._follow(f"GET {path} HTTP/1.1\r\n", "")

    def post(self, path: str, values: str) -> int:
        hidden = {name.decode(): value.decode() for name, value in HIDDEN.findall(self.html)}
        body = "&".join(part for part in (values, urlencode(hidden)) if part)
        head = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + str(len(body)) + "\r\n"
        return self._follow(f"POST {path} HTTP/1.1\r\n{head}", body)

    def _follow(self, head: str, body: str) -> int:
        self.path = head.split(" ", 2)[1]
        status, headers = self._ask(head, body)
        while status == 303:
            self.path = headers["location"].partition("#")[0]
            status, headers = self._ask(f"GET {self.path} HTTP/1.1\r\n", "")
        return status

    def _ask(self, head: str, body: str) -> tuple[int, dict[str, str]]:
        cookie = f"Cookie: {self._cookie}\r\n" if self._cookie else ""
        request = f"{head}Host: 127.0.0.1:{self._port}\r\nAccept-Language: en\r\n{cookie}\r\n{body}".encode()
        try:
            answer = self._exchange(request)
        except (ConnectionError, EOFError):  # the server may close a connection that it has kept
            self.close()
            self._socket = None
            answer = self._exchange(request)
        self._measured.n_requests += 1
        return answer

    def _exchange(self, request: bytes) -> tuple[int, dict[str, str]]:
        if self._socket is None:
            self._socket = socket.create_connection(
                ("127.0.0.1", self._port), timeout=60, source_address=(self._address, 0)
            )
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._read()
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.html = self._body(headers, rest)
        self._measured.n_bytes += len(head) + len(self.html)
        if "set-cookie" in headers:
            self._cookie = headers["set-cookie"].partition(";")[0]
        if headers.get("connection") == "close":
            self.close()
            self._socket = None
        return int(first.split(" ")[1]), headers

    def _body(self, headers: Mapping[str, str], data: bytes) -> bytes:
        if "content-length" in headers:
            while len(data) < int(headers["content-length"]):
                data += self._read()
            return data
        body = b""
        while True:
            while b"\r\n" not in data:
                data += self._read()
            size, _, data = data.partition(b"\r\n")
            length = int(size, 16)
            while len(data) < length + 2:
                data += self._read()
            if not length:
                return body
            body, data = body + data[:length], data[length + 2 :]

    def _read(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65_536)
        if not data:
            raise EOFError
        return data


def travel(port: int, link: str, plan: Plan, measured: Measured) -> None:
    """One whole journey. What goes wrong is counted under a name of it."""
    browser = Browser(port, measured, f"127.{ord(link[0])}.{ord(link[1])}.{ord(link[2])}")
    began = time.perf_counter()
    try:
        pages = [("link", f"/w/{link}", None), ("take part", f"/w/{link}", "")]
        pages += [(page, f"/i/{page}/", values) for page, values in plan]
        pages.append(("finish", LAST, "-move=finish"))
        for name, path, values in pages:
            if values and browser.path != path and name != "finish":
                measured.problems[f"{browser.path} instead of {path}"] += 1
                return
            asked = time.perf_counter()
            status = browser.get(path) if values is None else browser.post(path, values)
            if status != 200:
                measured.problems[f"status {status} after {name}"] += 1
                return
            measured.times.setdefault(name, []).append(time.perf_counter() - asked)
        if browser.path == LAST:
            measured.journeys.append(time.perf_counter() - began)
        else:
            measured.problems[f"ended at {browser.path}"] += 1
    except (OSError, EOFError) as error:
        measured.problems[type(error).__name__] += 1
    finally:
        browser.close()


def drive(port: int, links: Sequence[str], plans: Sequence[Plan], at_once: int, seconds: float, out: Any) -> None:
    """One driver process: `at_once` respondents at a time, for so many seconds; puts a Measured."""
    waiting: Iterator[tuple[int, str]] = iter(enumerate(links))
    lock, until = threading.Lock(), time.monotonic() + seconds
    found = [Measured() for _ in range(at_once)]

    def answer(measured: Measured) -> None:
        while time.monotonic() < until:
            with lock:
                number, link = next(waiting, (0, ""))
            if not link:
                measured.problems["no links left"] += 1
                return
            travel(port, link, plans[number % len(plans)], measured)

    threads = [threading.Thread(target=answer, args=(measured,)) for measured in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Measured(driver_seconds=time.process_time())
    for measured in found:
        total.add(measured)
    out.put(total)


def plans_for(instrument: Instrument) -> list[Plan]:
    """What different respondents post, page by page."""
    program = compile_program(instrument)
    plans = []
    for number in range(N_PLANS):
        environment = Environment(
            now=datetime.now(UTC), today=date.today(), seed=number, language=instrument.default_language, prior={}
        )
        random, answers, plan = Random(number), {}, []
        page = resuming.resume_page(program, answers, environment=environment)
        for _ in range(200):
            view = advance.show(program, answers, page, environment=environment)
            posted = answer_page(program, view, random, Profile(skips=0.0), answers=answers, environment=environment)
            step = advance.advance(program, answers, page, posted, environment=environment, move=advance.NEXT)
            plan.append((page, urlencode({**posted, "-move": "next"}, doseq=True)))
            answers, page = step.answers, step.page
            if step.is_over:
                plans.append(plan)
                break
    return plans


def run(site: RunningSite, links: list[str], plans: list[Plan], at_once: int, seconds: float) -> dict[str, Any]:
    """One run at one concurrency, as figures."""
    processors = Processors(processes_of(site))
    queue: Any = multiprocessing.Queue()
    began = time.monotonic()
    drivers = []
    for number in range(N_DRIVERS):
        share = at_once // N_DRIVERS + (number < at_once % N_DRIVERS)
        arguments = (site.public_port, links[number::N_DRIVERS], plans, share, seconds, queue)
        drivers.append(multiprocessing.Process(target=drive, args=arguments))
    for driver in drivers:
        driver.start()
    measured = Measured()
    for _ in drivers:
        measured.add(queue.get())
    for driver in drivers:
        driver.join()
    wall = time.monotonic() - began
    return figures(measured, at_once, wall, processors.used(), processors.all_used())


def figures(measured: Measured, at_once: int, wall: float, used: Mapping[str, float], busy: float) -> dict[str, Any]:
    n = max(len(measured.journeys), 1)
    times = sorted(time for times in measured.times.values() for time in times)
    known = sum(used.values()) + measured.driver_seconds
    return {
        "at once": at_once,
        "journeys": len(measured.journeys),
        "journeys/s": round(len(measured.journeys) / wall, 1),
        "requests/s, redirects too": round(measured.n_requests / wall),
        "kB a journey": round(measured.n_bytes / n / 1000, 1),
        "page p50 ms": milliseconds(times, 0.5),
        "page p95 ms": milliseconds(times, 0.95),
        "page p99 ms": milliseconds(times, 0.99),
        "journey p50 s": round(quantile(sorted(measured.journeys), 0.5), 2),
        "CPU ms a journey": {name: round(1000 * seconds / n, 1) for name, seconds in used.items()}
        | {"generator": round(1000 * measured.driver_seconds / n, 1)},
        "CPU ms a request (web)": round(1000 * used["web"] / max(measured.n_requests, 1), 2),
        "noise": f"{max(0.0, busy - known) / (wall * (os.cpu_count() or 1)):.0%}",
        "load average": [round(value, 1) for value in os.getloadavg()],
        "pages": {name: [milliseconds(sorted(found), share) for share in (0.5, 0.95)]
                  for name, found in measured.times.items()},
        "problems": dict(measured.problems),
    }  # fmt: skip


def milliseconds(times: Sequence[float], share: float) -> float:
    return round(1000 * quantile(times, share), 1)


def quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def statements(site: RunningSite, links: Sequence[str], plans: Sequence[Plan]) -> dict[str, Any]:
    """What one journey asks of the database, by kind, as PostgreSQL's own log has it."""
    log = site.folder / "log" / "postgresql.log"
    with site.connect("answers", "superuser") as connection:
        connection.execute("ALTER ROLE outrush_public SET log_statement = 'all'")
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'outrush_public'"
        connection.execute(ended)
        before = log.stat().st_size
        measured = Measured()
        travel(site.public_port, links[0], plans[0], measured)
        connection.execute("ALTER ROLE outrush_public RESET log_statement")
        connection.execute(ended)
    with log.open("rb") as file:
        file.seek(before)
        words = re.findall(rb"(?:statement|execute [^:]*): (\w+)", file.read())
    counted = Counter(word.decode().upper() for word in words)
    return {"pages posted": len(plans[0]), "HTTP requests": measured.n_requests, "total": counted.total(), **counted}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workbook", type=Path)
    parser.add_argument("--at-once", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes of the web server")
    parser.add_argument("--folder", type=Path, default=Path("var/benchmark"))
    options = parser.parse_args()
    content = options.workbook.read_bytes()
    instrument = compile_workbook(content, options.workbook.name, LENIENT).instrument
    assert instrument is not None, "the workbook has errors"
    plans = plans_for(instrument)
    assert plans, "nobody gets to the end of this questionnaire"
    settings = {
        "OUTRUSH_ENV": "trial",  # databases survive a crash
        "OUTRUSH_CLOCK_FILE": "",  # the clock can't be moved, as in production
        "OUTRUSH_BEAT_SECONDS": "60",
        "OUTRUSH_WEB_WORKERS": str(options.workers),
    }
    with RunningSite(options.folder.absolute(), **settings) as site:
        site.manage("import_questionnaire", options.workbook.absolute(), "--slug", "load", "--publish", *LENIENTLY)
        n = int(MOST_A_SECOND * options.seconds)
        open_wave(site, "load")
        links = invite(site, "load", n * len(options.at_once) + 200)
        run(site, links[:100], plans, 2, 3)  # programs compiled, templates read
        for number, at_once in enumerate(options.at_once):
            first = 200 + n * number
            report(run(site, links[first : first + n], plans, at_once, options.seconds))
        report({"database statements of one journey": statements(site, links[100:], plans)})


def report(found: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
