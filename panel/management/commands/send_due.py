"""Sends what is due once, as the worker does each minute."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from panel.services.send_due import send_due
from surveys.refusals import Refused


class Command(BaseCommand):
    help = "Take requests and send the mails that are due now. Safe beside a running worker: nobody gets two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = send_due(now=clock.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if options["json"]:
            self.stdout.write(json.dumps(asdict(counts)))
            return
        self.stdout.write(
            f"{counts.n_sent} sent, {counts.n_put_off} put off, {counts.n_failed} failed, {counts.n_unknown} unknown."
        )
        if counts.is_stopped:
            self.stdout.write("The mail server takes nothing just now; the rest stays in the queue.")
