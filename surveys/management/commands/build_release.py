"""`manage.py build_release WAVE... --out FOLDER [--kind scientific] [--k 5] [--recipe FILE] [--json]`

Exit code 1, with the reason and nothing written, where the release can't be built.

With `--json` one object is printed:

    release       id in the ledger
    folder        where the files are
    kind, k, waves
    checksums     SHA-256 by file name
    n_rows, n_respondents, smallest_class
    rows_lost, cells_lost             {before, kept, share_lost}
    cells_lost_by_variable, routes_lost    the same, by name
    dropped       reason by name of the item left out
"""

import json as json_module
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outrush_site import clock
from surveys.models import Release
from surveys.refusals import Refused
from surveys.services.releases import build_release

#: A recipe is a page or two of text.
MAX_RECIPE_BYTES = 1_000_000


class Command(BaseCommand):
    help = "Build an anonymous release of one or more waves: data, codebook, disclosure report, checksums."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("waves", nargs="+", metavar="WAVE", help="slugs of the waves")
        parser.add_argument("--kind", default="scientific", help="scientific (the default) or public")
        parser.add_argument(
            "--k", type=int, help="respondents who share each combination (default: the recipe's, or 5)"
        )
        parser.add_argument("--recipe", type=Path, help="which quasi-identifiers are kept and how (TOML)")
        parser.add_argument("--out", type=Path, required=True, help="a new folder for the files")
        parser.add_argument("--seed", help="of ids and order, for making a release again (default: the ledger's)")
        parser.add_argument("--max-loss", metavar="SHARE", help="most of rows and of values that may be lost, 0 to 1")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *, waves: list[str], out: Path, json: bool, **options: Any) -> None:
        most = _share(options["max_loss"])
        try:
            release = build_release(
                waves=list(dict.fromkeys(waves)),
                kind=options["kind"],
                k=options["k"],
                recipe=_text(options["recipe"]),
                out=out,
                by="command",
                at=clock.now(),
                seed=options["seed"],
                max_row_loss=most,
                max_cell_loss=most,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        if json:
            self.stdout.write(json_module.dumps(_as_json(release, out), ensure_ascii=False))
        else:
            self.stdout.write(_as_text(release, out))


def _text(recipe: Path | None) -> str | None:
    if recipe is None:
        return None
    try:
        with recipe.open("rb") as file:
            data = file.read(MAX_RECIPE_BYTES + 1)
        if len(data) > MAX_RECIPE_BYTES:
            raise CommandError(f"{recipe} is larger than a recipe can be.")
        return data.decode("utf-8")
    except OSError as error:
        raise CommandError(f"The recipe {recipe} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"The recipe {recipe} is not text in UTF-8.") from None


def _share(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        share = Decimal(text)
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 1:
        raise CommandError("--max-loss is a share from 0 to 1, such as 0.1")
    return share


def _as_json(release: Release, out: Path) -> dict[str, Any]:
    return {
        "release": str(release.pk),
        "folder": str(out),
        "kind": release.kind,
        "k": release.k,
        "waves": release.waves,
        "checksums": release.checksums,
        **release.report,
    }


def _as_text(release: Release, out: Path) -> str:
    report = release.report
    rows, cells = report["rows_lost"], report["cells_lost"]
    return (
        f"{release}: {report['n_rows']} rows of {report['n_respondents']} respondents in {out}\n"
        f"k = {release.k}; the smallest class has {report['smallest_class']} members.\n"
        f"Lost: {100 * rows['share_lost']:.1f} % of the rows, "
        f"{100 * cells['share_lost']:.1f} % of the quasi-identifying values.\n"
        f"Read {out / 'report.md'} before passing anything on."
    )
