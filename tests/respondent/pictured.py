"""A questionnaire whose labels have pictures and sounds, imported with its files, in the field."""

from datetime import timedelta

from outrush_site import clock
from surveys.instrument.authoring.options import Options
from surveys.models import Interview, QuestionnaireVersion, Wave
from surveys.services.versions import import_version
from tests import media_files
from tests.builders import workbook
from tests.respondent.conftest import LINK, invite

COLUMNS = (
    *("type", "name", "label::English (en)", "label::Русский (ru)", "appearance", "relevant"),
    *("media::image::English (en)", "media::image::Русский (ru)", "media::audio"),
)
SURVEY = f"""
| {" | ".join(COLUMNS)} |
| begin_group | farm | The farm | Ферма |  |  | farm.jpg |  |  |
| note | hello | Look at it | Посмотрите |  |  | wide.png |  |  |
| select_one pet | pet |  |  |  |  | which_one.png | какой.png | which.ogg |
| text | why | Why? | Почему? |  | ${{pet}} = 'dog' |  |  |  |
| select_multiple pet | pets | Which have you had? | Кто у вас был? |  |  |  |  |  |
| select_one pet | best | The best? | Лучший? | minimal |  |  |  |  |
| rank pet | order | And in order? | А по порядку? |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |
| begin_group | table | How much? | Сколько? | table-list |  |  |  |  |
| select_one pet | here | here | здесь |  |  | here.png |  |  |
| select_one pet | there | there | там |  |  |  |  |  |
| end_group |  |  |  |  |  |  |  |  |
"""
CHOICES = """
| list_name | name | label::English (en) | label::Русский (ru) | media::image | media::audio |
| pet | cat | Cat | Кошка | cat.webp |  |
| pet | dog |  |  | a_dog.gif | bark.wav |
| pet | fox | Fox & co <i> | Лиса | not_here.png |  |
"""
SETTINGS = "| style | default_language |\n| pages | English (en) |"
FILES = {
    "farm.jpg": media_files.jpeg(orientation=6),
    "wide.png": media_files.png(size=(1200, 300)),
    "which_one.png": media_files.png(colour=1),
    "какой.png": media_files.png(colour=2),
    "here.png": media_files.png(colour=3),
    "which.ogg": media_files.ogg(),
    "cat.webp": media_files.webp(),
    "a_dog.gif": media_files.gif(),
    "bark.wav": media_files.wav(),
}


def imported(slug: str, survey: str = SURVEY, *, publish: bool = True, **files: bytes) -> QuestionnaireVersion:
    result = import_version(
        slug=slug,
        data=workbook(survey, CHOICES, SETTINGS),
        filename="form.xlsx",
        by="tests",
        at=clock.now(),
        publish=publish,
        options=Options({**FILES, **files}),
    )
    assert result.version is not None, [str(problem) for problem in result.errors]
    return result.version


def fielded(version: QuestionnaireVersion, number: int, link: str = LINK) -> Interview:
    today = clock.today()
    wave = Wave.objects.create(
        slug=f"w{number}",
        number=number,
        version=version,
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=30),
    )
    return invite(wave, link)


def address(version: QuestionnaireVersion, name: str) -> str:
    media = version.content["media"][name]
    return f"/m/{media['sha256']}.{media['ending']}"
