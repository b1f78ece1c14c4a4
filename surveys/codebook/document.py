"""The codebook: for people as one HTML page without anything from elsewhere, for programs as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from surveys.codebook import missing
from surveys.codebook.variables import Frequencies, Table, Text, Variable, frequencies

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "h2{font:600 1.1rem/1.4 ui-monospace,monospace;margin:2.2rem 0 .3rem}h2 a{color:inherit}"
    "p{margin:.3rem 0}.quiet{color:#555}table{border-collapse:collapse;margin:.6rem 0}"
    "th,td{text-align:left;padding:.15rem 1.2rem .15rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}nav{columns:14rem}"
    "@media print{nav{display:none}h2{break-after:avoid}}"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the release is. No date and no place, so that the same data give the same bytes."""

    title: str
    kind: str
    waves: tuple[str, ...]
    notes: tuple[str, ...] = ()  # what a reader has to know before using the data


def write_json(heading: Heading, table: Table) -> bytes:
    document = {
        "title": heading.title,
        "kind": heading.kind,
        "waves": list(heading.waves),
        "notes": list(heading.notes),
        "n_rows": len(table.rows),
        "missing_codes": [
            {"code": number, "name": reason, "label": dict(missing.LABELS[reason])}
            for reason, number in missing.NUMBERS.items()
        ],
        "variables": [
            _variable_json(variable, frequencies(table, column)) for column, variable in enumerate(table.variables)
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def write_html(heading: Heading, table: Table) -> bytes:
    entries = [_variable_html(variable, frequencies(table, column)) for column, variable in enumerate(table.variables)]
    names = "".join(f'<div><a href="#{escape(v.name)}">{escape(v.name)}</a></div>' for v in table.variables)
    notes = "".join(f"<p>{escape(note)}</p>" for note in heading.notes)
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(heading.title)}: codebook</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{escape(heading.title)}</h1>\n"
        f'<p class="quiet">Codebook of a {escape(heading.kind)} release of {escape(", ".join(heading.waves))}: '
        f"{len(table.rows)} rows, {len(table.variables)} variables.</p>\n{notes}\n"
        f"{_missing_html()}\n<nav>{names}</nav>\n{''.join(entries)}</body></html>\n"
    )
    return page.encode("utf-8")


def _variable_json(variable: Variable, counted: Frequencies) -> dict[str, Any]:
    return {
        "name": variable.name,
        "label": dict(variable.label),
        "measure": variable.measure,
        "is_quasi_identifying": variable.is_quasi,
        "treatment": variable.treatment,
        "notes": list(variable.notes),
        "n_valid": counted.n_valid,
        "values": [
            {"code": value.code, "label": dict(value.label), "n": counted.values.get(value.code, 0)}
            for value in variable.values
        ],
        "missing": [{"code": missing.NUMBERS[reason], "name": reason, "n": n} for reason, n in counted.missing.items()],
        "wordings": [
            {"wave": wording.wave, "item": wording.item, "text": dict(wording.text)} for wording in variable.wordings
        ],
    }


def _variable_html(variable: Variable, counted: Frequencies) -> str:
    name = escape(variable.name)
    parts = [f'<h2 id="{name}"><a href="#{name}">{name}</a></h2>\n', _texts_html(variable.label)]
    facts = [variable.measure, f"{counted.n_valid} valid"]
    if variable.is_quasi:
        facts.append("quasi-identifying")
    parts.append(f'<p class="quiet">{escape(", ".join(facts))}</p>')
    if variable.treatment:
        parts.append(f"<p>{escape(variable.treatment)}</p>")
    parts.extend(f"<p>{escape(note)}</p>" for note in variable.notes)
    rows = [(value.code, value.label, counted.values.get(value.code, 0)) for value in variable.values]
    rows += [(missing.code(reason), missing.LABELS[reason], n) for reason, n in counted.missing.items()]
    if rows:
        parts.append(_codes_html(rows))
    parts.extend(_wording_html(variable))
    return "".join(parts) + "\n"


def _wording_html(variable: Variable) -> list[str]:
    """Wordings that differ from the label above, each with the waves that used it."""
    by_text: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for wording in variable.wordings:
        by_text.setdefault(tuple(wording.text.items()), []).append(wording.wave)
    if set(by_text) <= {tuple(variable.label.items())}:
        waves = [wording.wave for wording in variable.wordings]
        return [f'<p class="quiet">Asked in {escape(", ".join(waves))}.</p>'] if waves else []
    return [
        f'<p class="quiet">In {escape(", ".join(waves))}:</p>{_texts_html(dict(text))}'
        for text, waves in by_text.items()
    ]


def _codes_html(rows: Sequence[tuple[str, Text, int]]) -> str:
    lines = "".join(
        f'<tr><td class="n">{escape(code)}</td><td>{_inline(label)}</td><td class="n">{n}</td></tr>'
        for code, label, n in rows
    )
    return f'<table><tr><th class="n">code</th><th>meaning</th><th class="n">n</th></tr>{lines}</table>'


def _missing_html() -> str:
    lines = "".join(
        f'<tr><td class="n">{number}</td><td>{_inline(missing.LABELS[reason])}</td></tr>'
        for reason, number in missing.NUMBERS.items()
    )
    return f'<table><tr><th class="n">missing</th><th>meaning</th></tr>{lines}</table>'


def _texts_html(text: Text) -> str:
    return "".join(f"<p{_lang(code)}>{escape(words)}</p>" for code, words in text.items())


def _inline(text: Text) -> str:
    return " / ".join(f"<span{_lang(code)}>{escape(words)}</span>" for code, words in text.items())


def _lang(code: str) -> str:
    return f' lang="{escape(code)}"' if code else ""
