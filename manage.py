#!/usr/bin/env python
"""Django's command line. Beside a running `make run` it uses the same databases and keys."""

import os
import sys

from django.core.management import execute_from_command_line

from outrush_site.local.surroundings import adopt_local_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outrush_site.settings")
    adopt_local_environment()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
