"""From an XLSForm workbook to an `Instrument`: `compile_workbook` does it here, `confined` in a process apart.

The heavy parsers are imported on first use: `confined` needs none of them in the process that asks.
"""

from surveys.instrument.authoring.compiled import Compiled
from surveys.instrument.authoring.options import PLAIN, Options


def compile_workbook(data: bytes, filename: str, options: Options = PLAIN) -> Compiled:
    """See `compile.compile_workbook`."""
    from surveys.instrument.authoring.compile import compile_workbook as compile_here  # noqa: PLC0415  # see above

    return compile_here(data, filename, options)


__all__ = ["Compiled", "Options", "compile_workbook"]
