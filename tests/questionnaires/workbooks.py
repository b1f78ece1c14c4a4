"""Sound, faulty and hostile workbooks."""

import zipfile
from io import BytesIO
from pathlib import Path

from tests import builders

HEAD = "| type | name | label | relevant |"
MOVED = "| select_one yes_no | moved | Did you move? | |"
CHOICES = """
    | list_name | name | label |
    | yes_no | yes | Yes |
    | yes_no | no | No |
"""


def small(title: str = "A small study") -> bytes:
    """A sound questionnaire of two questions, in rows 2 and 3."""
    survey = f"""
        {HEAD}
        {MOVED}
        | integer | moves | How many times? | ${{moved}} = 'yes' |
    """
    return builders.workbook(survey, CHOICES, f"| form_title | form_id |\n| {title} | small |")


def with_errors() -> bytes:
    """Two errors: in row 3 a reference to no question, in row 4 a list that isn't there."""
    survey = f"""
        {HEAD}
        {MOVED}
        | integer | moves | How many times? | ${{mooved}} = 'yes' |
        | select_one nope | other | And else? | |
    """
    return builders.workbook(survey, CHOICES)


def zip_bomb(megabytes: int = 300) -> bytes:
    """A workbook of a megabyte or so whose one sheet unpacks to this many."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(small())) as sound, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        for entry in sound.namelist():
            if entry != "xl/worksheets/sheet1.xml":
                bomb.writestr(entry, sound.read(entry))
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            block = b"<row>" * 200_000
            for _ in range(megabytes):
                sheet.write(block)
    return stream.getvalue()


def written(folder: Path, data: bytes, name: str = "small.xlsx") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file
