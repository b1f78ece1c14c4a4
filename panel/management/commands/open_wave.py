"""Opens a wave with every active member."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from datetime import date, time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from panel.contactplan.plan import INVITE_AT, REMIND_AFTER_DAYS
from panel.services.open_wave import DEFAULT_SOURCES, OpenedWave
from panel.services.open_wave import open_wave as open_with_members
from surveys.refusals import Refused


class Command(BaseCommand):
    help = "Open a wave: an interview for each active member, in random order, and a plan of invitation and reminder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name of the wave, such as w2024")
        parser.add_argument("--questionnaire", required=True, help="slug, or slug@number for one published version")
        parser.add_argument("--opens", required=True, type=_date, metavar="YYYY-MM-DD", help="first day")
        parser.add_argument("--closes", required=True, type=_date, metavar="YYYY-MM-DD", help="last day, included")
        parser.add_argument(
            "--invite-at", type=_time, default=INVITE_AT, metavar="HH:MM", help="in each member's zone (default 10:00)"
        )
        parser.add_argument(
            "--remind-after", type=int, default=REMIND_AFTER_DAYS, metavar="DAYS", help="0 is no reminder (default 7)"
        )
        parser.add_argument(
            "--sources",
            type=_names,
            default=DEFAULT_SOURCES,
            metavar="A,B",
            help="an open link for each (default open)",
        )
        parser.add_argument(
            "--prior",
            type=_prior,
            metavar="WAVE:ITEM,…",
            help="hand on only these prior answers (default: all that the questionnaire asks for and that may be)",
        )
        parser.add_argument("--members", choices=["all"], default="all", help="who is invited")
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            opened = open_with_members(
                slug=options["slug"],
                questionnaire=options["questionnaire"],
                opens_on=options["opens"],
                closes_on=options["closes"],
                invite_at=options["invite_at"],
                remind_after=options["remind_after"],
                sources=options["sources"],
                prior=options["prior"],
                by="command",
                at=clock.now(),
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if options["json"]:
            document = {**asdict(opened), "recruitment": dict(_addresses(opened))}
            self.stdout.write(json.dumps(document, default=str))
        else:
            self._show(opened)

    def _show(self, opened: OpenedWave) -> None:
        verb = "Finished opening" if opened.is_finished else "Opened"
        self.stdout.write(f"{verb} wave {opened.slug} on {opened.version}.")
        self.stdout.write(f"{opened.n_members} members have an interview.")
        if opened.n_broken:
            self.stdout.write(f"{opened.n_broken} members were left out: their seal doesn't open.")
        for step in opened.steps:
            when = f"{step.on} at {step.local_time:%H:%M} in each member's zone"
            self.stdout.write(f"{str(step.kind).capitalize()}: {when}, {step.n_planned} planned.")
        for source, address in _addresses(opened):
            self.stdout.write(f"Open link of the source {source}: {address}")
        for note in opened.notes:
            self.stdout.write(f"Note: {note}")


def _addresses(opened: OpenedWave) -> list[tuple[str, str]]:
    return [(source, f"{settings.PUBLIC_URL}/r/{code}") for source, code in opened.recruitment]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is not a date such as 2026-03-31") from None


def _time(text: str) -> time:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        raise ArgumentTypeError(f"'{text}' is not a time such as 10:00")
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _prior(text: str) -> tuple[tuple[str, str], ...]:
    pairs = tuple(tuple(pair.split(":")) for pair in _names(text))
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise ArgumentTypeError("prior answers are named as wave:item, with commas between")
    return tuple((wave, item) for wave, item in pairs)
