#!/usr/bin/env python
"""Django's command line. Beside a running `make run` it uses the same databases and keys."""

import os
import select
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from outrush_site.local.surroundings import adopt_local_environment

ENDED_BY_SIGPIPE = 141  # what a shell reports of a program whose reader has gone


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")
    adopt_local_environment()
    try:
        try:
            execute_from_command_line(sys.argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _is_unread():
            raise
        sys.exit(ENDED_BY_SIGPIPE)
    except OperationalError as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        sys.exit(f"A database can't be used: {reason}\nIs 'make run' going, or are the addresses right?")


def _is_unread() -> bool:
    """Whether it was our output that nobody reads any more, as after `| head`. What is left of it goes nowhere then."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    if not poll.poll(0):  # a pipe without a reader is in error
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return True


if __name__ == "__main__":
    main()
