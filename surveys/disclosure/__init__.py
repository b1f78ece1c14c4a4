"""Making rows anonymous: recipe, recodes, k on trajectories, suppression and its loss. Pure.

recipe = parse_recipe(text)                         what is kept, how coarse, what may be lost
recode.code(value)                                  one value, coarser
anonymise(rows, variables, waves, k) -> Anonymised  suppression until k holds, proved by a re-count
common_range(numbers, k)                            top and bottom coding of what is released as given
common_values(values, k)                            the values that enough respondents share
"""

from surveys.disclosure.extremes import Range, common_range, common_values
from surveys.disclosure.recipe import Recipe, RecipeError, Rule, parse_recipe
from surveys.disclosure.recodes import Bands, Category, Groups, Keep, Recode, Year, as_number
from surveys.disclosure.suppression import BLANK
from surveys.disclosure.trajectories import Anonymised, CountError, Loss, Quasi, Row, anonymise, trajectory_sizes

__all__ = [
    "BLANK",
    "Anonymised",
    "Bands",
    "Category",
    "CountError",
    "Groups",
    "Keep",
    "Loss",
    "Quasi",
    "Range",
    "Recipe",
    "RecipeError",
    "Recode",
    "Row",
    "Rule",
    "Year",
    "anonymise",
    "as_number",
    "common_range",
    "common_values",
    "parse_recipe",
    "trajectory_sizes",
]
