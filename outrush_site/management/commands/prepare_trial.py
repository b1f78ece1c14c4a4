"""Brings a system on one's own machine into working order: tables and rights, keys, a staff account, the example."""

import json
import os
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "What `make run` calls before it starts the processes. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--staff-name", required=True)
        parser.add_argument("--example", action="store_true", help="load the example study")
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("This is for trying the system out; in production use prepare_databases and make_keys.")
        call_command("prepare_databases", stdout=StringIO())
        call_command("make_keys", stdout=StringIO())
        report: dict[str, Any] = {"is_staff_password": ensure_staff(options["staff_name"])}
        if options["example"]:
            output = StringIO()
            call_command("load_example", "--json", stdout=output)
            report |= json.loads(output.getvalue().strip().splitlines()[-1])
        self.stdout.write(json.dumps(report) if options["json"] else "Prepared.")


def ensure_staff(name: str) -> bool:
    """Make the staff account with OUTRUSH_STAFF_PASSWORD if there is none; whether that is (still) its password."""
    password = os.environ.get("OUTRUSH_STAFF_PASSWORD", "")
    if not password:
        raise CommandError("OUTRUSH_STAFF_PASSWORD is not set.")
    accounts = get_user_model().objects
    account = accounts.filter(username=name).first()
    if account is None:
        account = accounts.create_superuser(username=name, password=password)
    return bool(account.check_password(password))
