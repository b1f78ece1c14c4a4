"""Variables, labels, missing codes, and the files that hold them. Pure.

Table(variables, rows)                what is written
write_csv(table)                      data.csv
write_json(heading, table), write_html(heading, table)    the codebook
"""

from surveys.codebook.csv_file import write_csv
from surveys.codebook.document import Heading, write_html, write_json
from surveys.codebook.variables import Table, Text, Value, Variable, Wording, check, frequencies, means_missing

__all__ = [
    "Heading",
    "Table",
    "Text",
    "Value",
    "Variable",
    "Wording",
    "check",
    "frequencies",
    "means_missing",
    "write_csv",
    "write_html",
    "write_json",
]
