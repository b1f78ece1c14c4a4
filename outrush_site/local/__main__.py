"""What the Makefile calls: `python -m outrush_site.local run | test | lint`."""

import argparse
import os
import signal
import sys
from types import FrameType

from outrush_site.local.problems import LocalProblem


class Ended(BaseException):
    """We were told to end: by Ctrl-C, by kill, or because the terminal went."""


def main() -> int:
    arguments, rest = _parser().parse_known_args()
    if rest and arguments.command != "test":
        _parser().error(f"unknown argument: {rest[0]}")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        return _commands(arguments, rest)
    except Ended:
        return 0 if arguments.command == "run" else 130
    except LocalProblem as problem:
        print(f"make {arguments.command}: {problem}", file=sys.stderr)
    except OSError as error:
        print(f"make {arguments.command}: {error.filename or 'the system'}: {error.strerror}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m outrush_site.local")
    parser.add_argument("command", choices=["run", "test", "lint"])
    parser.add_argument("--without-example", action="store_true", help="run: don't load the example study")
    return parser


def _commands(arguments: argparse.Namespace, rest: list[str]) -> int:
    if arguments.command == "run":
        from outrush_site.local.run import run  # noqa: PLC0415  (each command loads only what it needs)

        run(os.environ, with_example=not arguments.without_example)
        return 0
    from outrush_site.local.suite import lint, test  # noqa: PLC0415

    return lint(os.environ) if arguments.command == "lint" else test(os.environ, rest)


def _end(number: int, frame: FrameType | None) -> None:
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)  # stopping takes a moment; a second Ctrl-C must not cut it short
    raise Ended


if __name__ == "__main__":
    sys.exit(main())
