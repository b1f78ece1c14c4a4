#!/usr/bin/env python
"""Django's command line. Beside a running `make run` it uses the same databases and keys."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from outrush_site.local.surroundings import adopt_local_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")
    adopt_local_environment()
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        sys.exit(f"A database can't be used: {reason}\nIs 'make run' going, or are the addresses right?")


if __name__ == "__main__":
    main()
