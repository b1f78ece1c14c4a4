"""The compiling process: `python -m surveys.instrument.authoring SECONDS MEBIBYTES`.

In on standard input: one line of JSON with the file's name, then the file's bytes. Out on standard output: JSON with
the instrument, or null, and the problems. It limits itself before it reads a byte or imports a parser.
"""

import json
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
        from surveys.instrument.authoring.compile import compile_workbook  # noqa: PLC0415
        from surveys.instrument.authoring.wire import compiled_to_json  # noqa: PLC0415

        header = json.loads(sys.stdin.buffer.readline())
        compiled = compile_workbook(sys.stdin.buffer.read(), header["filename"])
        answer = json.dumps(compiled_to_json(compiled), ensure_ascii=False)
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(answer.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
