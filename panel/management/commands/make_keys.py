"""Makes the key folder: whatever is missing in it, and nothing twice."""

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from panel.services.keyring import key_folder
from surveys.refusals import Refused
from surveys.sealing import KeyUnusable


class Command(BaseCommand):
    # The checks ask for the keys that this makes.
    requires_system_checks: list[str] = []
    help = "Make the worker's keys and the public halves that the other roles need. Keys that are there stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folder = key_folder()
            made = folder.make(secrets.token_bytes)
        except (Refused, KeyUnusable) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"folder": str(folder.private), "public": str(folder.public), "made": made}))
        elif made:
            self.stdout.write(f"Made {', '.join(made)} in {folder.private} and {folder.public}.")
            self.stdout.write(
                "Without these files no contact can ever be read again: back them up apart from the data."
            )
        else:
            self.stdout.write(f"All keys are in {folder.private} and {folder.public}; nothing was made.")
