"""Building a release: the only way answers leave the system, through recodes, suppression and new ids."""

import base64
import hashlib
import hmac
import json
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from outrush_site.routers import ANSWERS
from surveys import codebook
from surveys.disclosure import Anonymised, Recipe, RecipeError, anonymise, parse_recipe
from surveys.models import AuditEntry, Release
from surveys.models.release import ReleaseKind
from surveys.refusals import Refused
from surveys.services.releasing.cells import Cells, Writer
from surveys.services.releasing.described import RELEASE_ID, describe, wave_variable
from surveys.services.releasing.fieldwork import load_fieldwork
from surveys.services.releasing.plan import make_plan
from surveys.services.releasing.reading import Reading
from surveys.services.releasing.report import Outcome, summary, write_report
from surveys.services.releasing.routes import find_routes, merged

#: Below this k is no protection; a public file needs more (reference: European SDC handbook, SDC practice guide).
LEAST_K = {ReleaseKind.SCIENTIFIC: 3, ReleaseKind.PUBLIC: 10}
USUAL_K = {ReleaseKind.SCIENTIFIC: 5, ReleaseKind.PUBLIC: 10}
ID_LETTERS = 16

Given = TypeVar("Given")

NO_RECIPE = "# No recipe was given: every quasi-identifying item is left out.\n"
NOTES = (
    "One row for each respondent and wave; 'release_id' and 'wave' together name a row.",
    "Whole numbers from -99 to -1 stand for missing values. In quasi-identifying variables -80 stands for every "
    "reason, suppression included.",
)


def build_release(  # noqa: PLR0913  (what a release is made of)
    *,
    waves: Sequence[str],
    kind: str,
    out: Path,
    by: str,
    at: datetime,
    k: int | None = None,
    recipe: str | None = None,
    seed: str | None = None,
    max_row_loss: Decimal | None = None,
    max_cell_loss: Decimal | None = None,
) -> Release:
    """Write an anonymous release of these waves into the new folder `out` and enter it into the ledger.

    `recipe` is TOML (surveys/disclosure/recipe.py); without one every quasi-identifying item is left out. `k` and
    the limits of loss win over the recipe's. `seed` is for making a release again; without one the ledger's is
    taken where the same was built before, so that the same data give the same bytes. Raises Refused, having written
    nothing, where it can't be done so.
    """
    release_kind = _kind(kind)
    read = _recipe(recipe)
    k = _k(_first(k, read.k), release_kind)
    _check_folder(out)
    outcome = _anonymous(waves, release_kind, read, k)
    _check_loss(outcome.anonymised, _first(max_row_loss, read.max_row_loss), _first(max_cell_loss, read.max_cell_loss))
    release = Release(kind=release_kind, waves=list(outcome.waves), recipe=dict(read.source), k=k)
    release.seed = seed or _seed_in_ledger(release) or secrets.token_hex(16)
    files = _files(outcome, recipe or NO_RECIPE, release.seed)
    release.built_at, release.built_by = at, by
    release.n_rows = outcome.anonymised.rows_lost.n_kept
    release.report = summary(outcome)
    release.checksums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    _publish(release, files, out)
    return release


def _kind(kind: str) -> ReleaseKind:
    if kind not in ReleaseKind:
        raise Refused("release.kind", f"A release is scientific or public, not '{kind}'.")
    if kind == ReleaseKind.TEAM:
        raise Refused(
            "release.team",
            "A team release is encrypted to a named recipient and needs two people; this version can't make one yet. "
            "Build a scientific release.",
        )
    return ReleaseKind(kind)


def _recipe(text: str | None) -> Recipe:
    try:
        return parse_recipe(text or "")
    except RecipeError as error:
        raise Refused("release.recipe", "\n".join(error.problems)) from None


def _k(given: int | None, kind: ReleaseKind) -> int:
    k = USUAL_K[kind] if given is None else given
    if k < LEAST_K[kind]:
        raise Refused("release.k", f"A {kind} release needs k of {LEAST_K[kind]} or more, not {k}.")
    return k


def _check_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused("release.folder", f"{out} is there already. Name a new folder; nothing is ever overwritten.")


def _anonymous(waves: Sequence[str], kind: ReleaseKind, recipe: Recipe, k: int) -> Outcome:
    fieldwork = load_fieldwork(waves, kind)
    n_respondents = len({record.respondent for record in fieldwork.records})
    if n_respondents < k:
        raise Refused(
            "release.few", f"Fewer than {k} respondents have answers that may be released, so k can't be reached."
        )
    readings = {
        version: Reading(instrument, recipe.identifying) for version, instrument in fieldwork.instruments.items()
    }
    try:
        plan = make_plan(fieldwork, recipe, kind, readings)
    except RecipeError as error:
        raise Refused("release.recipe", "\n".join(error.problems)) from None
    routes = merged(find_routes(plan, readings), fieldwork.records)
    cells = Cells(fieldwork, plan, routes)
    anonymised = anonymise(cells.rows(), cells.quasi(), fieldwork.waves, k)
    if not anonymised.rows:
        raise Refused("release.k", f"k of {k} can't be reached: no row would remain. Recode more coarsely.")
    writer = Writer(cells, {(row.respondent, row.wave): row for row in anonymised.rows}, k)
    title = recipe.title or "Release"
    return Outcome(title, kind.value, fieldwork.waves, k, anonymised, writer)


def _check_loss(anonymised: Anonymised, rows: Decimal | None, cells: Decimal | None) -> None:
    for what, loss, most in (
        ("rows", anonymised.rows_lost, rows),
        ("quasi-identifying values", anonymised.all_cells_lost, cells),
    ):
        if most is not None and loss.share > most:
            raise Refused(
                "release.loss",
                f"{100 * loss.share:.1f} % of the {what} would be lost; {100 * most:.1f} % is the most allowed. "
                "Recode more coarsely, or allow more.",
            )


def _first(given: Given | None, otherwise: Given | None) -> Given | None:
    return otherwise if given is None else given


def _seed_in_ledger(release: Release) -> str:
    """The seed of the first release of the same waves, kind, recipe and k; "" where there is none."""
    same = Release.objects.filter(kind=release.kind, waves=release.waves, recipe=release.recipe, k=release.k)
    return same.order_by("built_at").values_list("seed", flat=True).first() or ""


def _files(outcome: Outcome, recipe: str, seed: str) -> dict[str, bytes]:
    table = _table(outcome, seed)
    if problems := codebook.check(table.variables):
        raise Refused("release.codes", "\n".join(problems))
    heading = codebook.Heading(outcome.title, outcome.kind, outcome.waves, NOTES)
    files = {
        "data.csv": codebook.write_csv(table),
        "codebook.html": codebook.write_html(heading, table),
        "codebook.json": codebook.write_json(heading, table),
        "report.md": write_report(outcome),
        "recipe.toml": recipe.encode("utf-8"),
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    return files | {"SHA256SUMS": sums.encode("ascii")}


def _table(outcome: Outcome, seed: str) -> codebook.Table:
    """The finished table, ordered by the random ids, so that the order says nothing."""
    writer = outcome.writer
    records = [
        record for record in writer.cells.fieldwork.records if (record.respondent, record.wave) in writer.finished
    ]
    writer.measure(records)
    written = [(record, writer.row(record)) for record in records]
    ids = _release_ids({(record.respondent, record.wave): row for record, row in written}, outcome, seed)
    number = {wave: position for position, wave in enumerate(outcome.waves)}
    written.sort(key=lambda pair: (ids[pair[0].respondent], number[pair[0].wave]))
    described = [entry for variable in writer.cells.plan.variables for entry in describe(variable, writer)]
    return codebook.Table(
        variables=(RELEASE_ID, wave_variable(outcome.waves), *described),
        rows=tuple((ids[record.respondent], record.wave, *row) for record, row in written),
    )


def _release_ids(rows: Mapping[tuple[str, str], tuple[str, ...]], outcome: Outcome, seed: str) -> dict[str, str]:
    """A new random id for each respondent, from the seed and the data: other data give everybody other ids.

    So two releases that share a seed, because one was built again after new answers came in, don't join.
    """
    content = [outcome.kind, outcome.k, sorted([*key, *row] for key, row in rows.items())]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).digest()
    key = hmac.digest(seed.encode(), digest, hashlib.sha256)
    ids = {}
    for respondent in {respondent for respondent, _ in rows}:
        letters = base64.b32encode(hmac.digest(key, respondent.encode(), hashlib.sha256)).decode("ascii")
        ids[respondent] = letters.lower()[:ID_LETTERS]
    return ids


def _publish(release: Release, files: Mapping[str, bytes], out: Path) -> None:
    """Write the files into a folder beside `out`, enter the release, and only then give the folder its name."""
    draft = _draft_folder(out)
    try:
        for name, content in files.items():
            path = draft / name
            path.touch(mode=0o600)
            path.write_bytes(content)
        with transaction.atomic(using=ANSWERS):
            release.save(force_insert=True)
            AuditEntry.objects.create(
                at=release.built_at,
                by=release.built_by,
                action="build_release",
                subject=", ".join(release.waves),
                detail={"release": str(release.pk), "kind": release.kind, "k": release.k, "n_rows": release.n_rows},
            )
            draft.rename(out)
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _draft_folder(out: Path) -> Path:
    """A folder of this process alone beside `out`; the folders above are made."""
    above = out.absolute().parent
    try:
        above.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=above))
    except OSError as error:
        raise _unwritable(out, error) from None


def _unwritable(out: Path, error: OSError) -> Refused:
    return Refused("release.folder", f"{out} can't be written: {error.strerror}.")
