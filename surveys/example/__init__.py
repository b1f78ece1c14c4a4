"""The example study: three workbooks, a recipe, and people made in code. Nobody in it exists.

What the people answer follows the published figures of the study the workbooks come from as far as there are any, and
common sense beyond.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RECIPE = FOLDER / "recipe.toml"
WAVES = ("w2023", "w2024")


def workbook(slug: str) -> Path:
    return FOLDER / f"{slug}.xlsx"
