"""The functions as a reference for authors: `python -m surveys.instrument.language.functions.reference FILE.md`.

It writes the part of the file between the two markers anew, from the registry.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from surveys.instrument.language.functions import Function, Purity, all_functions

BEGIN = "<!-- functions: made from the registry -->"
END = "<!-- end of functions -->"

_DEPENDS = {
    Purity.PURE: "",
    Purity.INTERVIEW: "interview",
    Purity.CLOCK: "clock",
    Purity.SEEDED: "seed",
}


def reference() -> str:
    """The whole section in Markdown, markers included."""
    known = all_functions()
    offered = (
        (f"`{signature(entry)}`", entry.result.value, _DEPENDS[entry.purity], entry.doc)
        for entry in known
        if entry.is_supported
    )
    refused = ((f"`{entry.name}()`", entry.advice) for entry in known if not entry.is_supported)
    tables = [
        *_table(("function", "gives", "depends on", "what it does"), offered),
        "",
        "Functions of other tools that are refused at publication, with what to do instead:",
        "",
        *_table(("function", "instead"), refused),
    ]
    return "\n".join([BEGIN, "", *tables, "", END])


def signature(entry: Function) -> str:
    """Such as `round(any, number?)`: `?` may be left out, `…` may be repeated."""
    types = [argument.value + ("?" if place >= entry.minimum else "") for place, argument in enumerate(entry.arguments)]
    if entry.maximum is None and types:
        types[-1] = types[-1].rstrip("?") + "…"
    return f"{entry.name}({', '.join(types)})"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def renewed(document: str) -> str:
    """The document with the section as it is now. Raises ValueError where it has no markers."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The markers of the functions are missing.")
    return before + reference() + after


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
