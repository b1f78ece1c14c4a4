"""Closes a wave."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from panel.services.close_wave import close_wave
from surveys.refusals import Refused


class Command(BaseCommand):
    help = "Close a wave: stop entry, end unfinished interviews, end the contact plan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            closed = close_wave(slug=options["slug"], by="command", at=clock.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(json.dumps(asdict(closed)) if options["json"] else f"Closed wave {closed.slug}.")
