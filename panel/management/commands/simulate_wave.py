"""`manage.py simulate_wave WAVE --members N [--seed S] [--break-off SHARE] [--silent SHARE] [--mailbox URL] [--json]`

Exit code 1 where it is refused, or where a simulated respondent met a problem. With `--json` one line is printed:
n_wanted, n_chosen, n_completed, n_broken_off, n_silent, problems {text: how often}.
"""

import json as json_module
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from panel.services.simulate_wave import AT_ONCE, Simulated, simulate_wave
from surveys.refusals import Refused


class Command(BaseCommand):
    help = "Let simulated respondents answer an open wave over HTTP, from the links in the development mailbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("wave", help="slug of an open wave")
        parser.add_argument("--members", type=_count, required=True, help="how many of those who were written to")
        parser.add_argument("--seed", type=int, default=1, help="another number chooses and answers otherwise")
        parser.add_argument("--break-off", type=float, default=0.1, metavar="SHARE", help="who leaves (default 0.1)")
        parser.add_argument("--silent", type=float, default=0.1, metavar="SHARE", help="who does nothing (default 0.1)")
        parser.add_argument("--mailbox", default=_mailbox(), metavar="URL", help="address of the development mailbox")
        parser.add_argument("--at-once", type=_count, default=AT_ONCE, metavar="N", help="how many at the same time")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, wave: str, json: bool, **options: Any) -> None:
        try:
            done = simulate_wave(
                wave=wave,
                n_members=options["members"],
                seed=options["seed"],
                mailbox=options["mailbox"],
                break_off=options["break_off"],
                silent=options["silent"],
                at_once=options["at_once"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(json_module.dumps(asdict(done), ensure_ascii=False) if json else _as_text(done))
        if done.problems:
            sys.exit(1)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _mailbox() -> str:
    return settings.MAILBOX_URL or "http://127.0.0.1:8025"


def _as_text(done: Simulated) -> str:
    lines = [
        f"{done.n_chosen} members: {done.n_completed} completed, {done.n_broken_off} broke off, "
        f"{done.n_silent} did nothing."
    ]
    if done.n_chosen < done.n_wanted:
        lines.append(f"{done.n_wanted} were wanted; the mailbox has links of no more who haven't finished.")
    lines += [f"Problem, {n} times: {problem}" for problem, n in done.problems.items()]
    return "\n".join(lines)
