"""One respondent in every browser mode: with and without the script, narrow and wide, in every language.

    .venv/bin/python -m tests.benchmarks.browser_modes surveys/example/w2024.xlsx FORM.xlsx every_type --seed 1

Starts the system as processes, publishes each workbook (what can't be asked on the web is left out), and has one and
the same simulated respondent fill it to the end in Chromium in each mode. Compared are the stored records, with each
other and with what the engine says without any browser. On each page it is checked that nothing is wider than the
screen, by normal and by double text, that no request goes to another host and that the browser complains of nothing.
`every_type` stands for the questionnaire of tests/respondent/every_type.py. Not part of the suite: it takes minutes.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright

from surveys.instrument.authoring import compile_workbook
from surveys.instrument.evaluation import Environment, Program, compile_program
from surveys.instrument.languages import language_code
from surveys.links import hash_link
from tests.benchmarks.journeys import LENIENT, LENIENTLY
from tests.conftest import CHROMIUM
from tests.fieldwork import invite, open_wave
from tests.respondent import every_type
from tests.respondent.filling import Filling, kept_of, longest_walk
from tests.respondent.looking import SIZES, fits_at_double_text_too
from tests.running_site import RunningSite


@dataclass
class Seen:
    """What one browser saw of one interview."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0
    weights: dict[str, Any] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        page.on("request", self._request)
        page.on("console", lambda one: self.complaints.append(one.text) if one.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _request(self, request: Request) -> None:
        self.requests.append(request)

    def hosts(self) -> set[str]:
        return {urlsplit(request.url).netloc for request in self.requests}

    def weigh(self) -> None:
        """What went over the wire for pages, in bytes of headers and body; a redirect belongs to where it leads."""
        pages = [number for number, one in enumerate(self.requests) if one.resource_type == "document"]
        bounds = [number for number in pages if not self.requests[number].redirected_from]
        loads = [self.requests[a:b] for a, b in zip(bounds, [*bounds[1:], None], strict=True)]
        weights = [sum(map(_transferred, load)) for load in loads]
        first = {"requests": len(loads[0]), "bytes": weights[0]}
        self.weights = {"first page": first, "largest later page, bytes": max(weights[1:])}


def _transferred(request: Request) -> int:
    """0 for what our script sends and is sent: that is no page."""
    if request.resource_type == "fetch":
        return 0
    sizes = request.sizes()
    return int(sizes["responseHeadersSize"] + sizes["responseBodySize"])


@contextmanager
def timed(seen: Seen) -> Iterator[None]:
    began = time.monotonic()
    yield
    seen.seconds = round(time.monotonic() - began, 1)


def modes_of(program: Program) -> list[tuple[bool, str, str]]:
    """(with the script, size, language), each with each."""
    return list(product((True, False), SIZES, program.instrument.languages))


def run(site: RunningSite, browser: Browser, workbook: Path, seed: int) -> dict[str, Any]:
    """One workbook in all modes, as figures."""
    compiled = compile_workbook(workbook.read_bytes(), workbook.name, LENIENT)
    assert compiled.instrument is not None, f"{workbook.name} has errors"
    program = compile_program(compiled.instrument)
    slug = workbook.stem.replace("_", "-")[:40]
    site.manage("import_questionnaire", workbook, "--slug", slug, "--publish", *LENIENTLY)
    open_wave(site, slug)
    modes = modes_of(program)
    links = invite(site, slug, len(modes), seed=seed)
    environment = Environment(now=datetime.now(UTC), today=datetime.now(UTC).date(), seed=seed, language="")
    walk = longest_walk(program, environment, seed)
    expected = kept_of(program, environment, walk.answers)
    found: dict[str, Any] = {"workbook": workbook.name, "pages": len(walk.pages), "answers kept": len(expected)}
    for (has_script, size, language), link in zip(modes, links, strict=True):
        seen = Seen()
        name = f"{'script' if has_script else 'plain'}, {size}, {language or 'default'}"
        try:
            with timed(seen):
                fill(site, browser, program, walk.answers, link, (has_script, size, language), seen)
            found[name] = {"seconds": seen.seconds, **compared(stored(site, link), expected), **seen.weights}
        except Exception as error:  # one mode that fails is a finding, and the others are wanted too
            found[name] = {"failed": f"{type(error).__name__}: {error}"[:600]}
        found[name]["other hosts"] = sorted(seen.hosts() - {urlsplit(site.public_url).netloc})
        found[name] |= {"complaints": seen.complaints[:5]} if seen.complaints else {}
    return found


def fill(
    site: RunningSite,
    browser: Browser,
    program: Program,
    answers: Mapping[str, Any],
    link: str,
    mode: tuple[bool, str, str],
    seen: Seen,
) -> None:
    has_script, size, language = mode
    context = browser.new_context(java_script_enabled=has_script, viewport=SIZES[size])
    try:
        page = context.new_page()
        seen.watch(page)
        page.goto(f"{site.public_url}/w/{link}?lang={quote(language_code(language) or language)}")
        filling = Filling(page, program.instrument, answers, look=fits_at_double_text_too)
        filling.to_the_end()
        seen.weigh()
    finally:
        context.close()


def stored(site: RunningSite, link: str) -> dict[str, Any]:
    """The answers of a record."""
    with site.connect("answers") as connection:
        query = (
            "SELECT r.answers FROM surveys_record r JOIN surveys_interview i ON i.id = r.interview_id "
            "WHERE i.link_hash = %s"
        )
        row = connection.execute(query, [hash_link(link)]).fetchone()
    assert row is not None, "there is no record"
    answers: dict[str, Any] = row[0]
    return answers


def compared(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    names = found.keys() | expected.keys()
    return {"differences": sorted(name for name in names if found.get(name) != expected.get(name))}


def workbook_of(given: str, folder: Path) -> Path:
    if given != "every_type":
        return Path(given).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "every_type.xlsx"
    file.write_bytes(every_type.workbook_bytes())
    return file


def main() -> int:
    """1 where anything was found, else 0."""
    is_good = True
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workbook", nargs="+", help="a file, or every_type")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/modes"))
    options = parser.parse_args()
    with RunningSite(options.folder.absolute()) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for given in options.workbook:
            found = run(site, browser, workbook_of(given, options.folder / "workbooks"), options.seed)
            sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            is_good = is_good and not any(is_a_finding(mode) for mode in found.values() if isinstance(mode, dict))
        browser.close()
    return 0 if is_good else 1


def is_a_finding(mode: Mapping[str, Any]) -> bool:
    return bool("failed" in mode or mode["differences"] or mode["other hosts"] or "complaints" in mode)


if __name__ == "__main__":
    sys.exit(main())
