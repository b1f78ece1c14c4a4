"""The compiling process: `python -m surveys.instrument.authoring SECONDS MEBIBYTES`.

In on standard input: one line of JSON with the task, the file's name and the options, then the file's bytes, then the
bytes of each attachment. Out on standard output: one line of JSON with the instrument, or null, and the problems (for
the task `xform` the XForm, or null, and the problems), then the bytes of pictures and sounds. It limits itself before
it reads a byte or imports a parser.
"""

import resource
import sys

OUT_OF_MEMORY = 70


def limit(seconds: int, mebibytes: int) -> None:
    """Set hard limits for this process: time, memory, no files written, no core dump."""
    for what, amount in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, mebibytes * 2**20),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, most = resource.getrlimit(what)
        allowed = amount if most == resource.RLIM_INFINITY else min(amount, most)
        resource.setrlimit(what, (allowed, allowed))


def main() -> int:
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        # Only now, so that what a parser's import needs counts against the limits too.
        from surveys.instrument.authoring.wire import answer_bytes, read_request  # noqa: PLC0415

        answer = answer_bytes(read_request(sys.stdin.buffer))
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
