"""`manage.py load_example [--seed N] [--json]`: the example study, for trying the system out.

With `--json` one line is printed: is_new, n_members, n_records, link (address of an unanswered member's link, or "").
"""

import json as json_module
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from panel.services.load_example import SEED, load_example
from surveys.refusals import Refused


class Command(BaseCommand):
    help = "Load the example study: two waves, some 1,200 invented members and 1,500 records. Does nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another number gives other people")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, seed: int, json: bool, **_: Any) -> None:
        try:
            loaded = load_example(by="command", at=clock.now(), seed=seed)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        link = f"{settings.PUBLIC_URL}/w/{loaded.link}" if loaded.link else ""
        if json:
            report = {
                "is_new": loaded.is_new,
                "n_members": loaded.n_members,
                "n_records": loaded.n_records,
                "link": link,
            }
            self.stdout.write(json_module.dumps(report))
            return
        if loaded.is_new:
            self.stdout.write(f"The example study is loaded: {loaded.n_members} members, {loaded.n_records} records.")
        else:
            self.stdout.write("The example study is there already; nothing was done.")
        self.stdout.write(
            f"A respondent's link: {link}"
            if link
            else "There is no link to show: the wave is closed, or everybody has answered."
        )
