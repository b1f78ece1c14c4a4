"""Pictures and sounds from the workbook's side: commands, what is stored, and that nothing of it ever changes."""

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connections, transaction

from surveys.instrument.diff import compare
from surveys.models import MediaFile, QuestionnaireVersion
from surveys.selectors.versions import findings, instrument_of
from tests import builders, media_files
from tests.questionnaires.workbooks import written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compiled_here")]

SECRET = b"planted 41.7151N 44.8271E"
SURVEY = """
type | name | label | media::image | media::audio
select_one pet | pet | Which do you like? | pets.jpg | question.mp3
"""
CHOICES = """
list_name | name | label | media::image
pet | cat | Cat | cat.png
pet | dog | Dog | dog.png
"""


def folder_with(folder: Path, **files: bytes) -> list[str]:
    """The options that attach these files, in the folder under names with a dot for `_`."""
    options = []
    for name, data in files.items():
        file = folder / name.replace("_", ".")
        file.write_bytes(data)
        options += ["--attach", str(file)]
    return options


def all_files(folder: Path, cat: bytes = b"") -> list[str]:
    return folder_with(
        folder,
        pets_jpg=media_files.jpeg(SECRET),
        question_mp3=media_files.mp3(SECRET),
        cat_png=cat or media_files.png(SECRET, colour=1),
        dog_png=media_files.png(SECRET, colour=2),
    )


def run(folder: Path, *options: str, command: str = "import_questionnaire", slug: str = "pets") -> tuple[int, str]:
    out = StringIO()
    file = written(folder, builders.workbook(SURVEY, CHOICES))
    named = ["--slug", slug] if command.startswith("import") else []
    try:
        call_command(command, str(file), *named, *options, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def execute(sql: str) -> None:
    with transaction.atomic(using="answers"), connections["answers"].cursor() as cursor:
        cursor.execute(sql)


# Commands


def test_attached_pictures_and_sounds_are_kept_with_the_version_without_what_they_say(tmp_path: Path) -> None:
    code, out = run(tmp_path, "--publish", *all_files(tmp_path))

    assert code == 0, out
    assert " ".join(out.split()).count("3 pictures and 1 sound of labels will be shown") == 1
    version = QuestionnaireVersion.objects.get()
    kept = {file.sha256: bytes(file.data) for file in version.media.all()}
    named = instrument_of(version).media
    assert set(named) == {"pets.jpg", "question.mp3", "cat.png", "dog.png"}
    assert {media.sha256 for media in named.values()} == set(kept)
    assert all(hashlib.sha256(data).hexdigest() == digest for digest, data in kept.items())
    assert all(SECRET in (tmp_path / name).read_bytes() for name in named)
    assert not any(SECRET in data for data in kept.values())


def test_checking_tells_what_importing_would(tmp_path: Path) -> None:
    code, out = run(tmp_path, *all_files(tmp_path), command="check_questionnaire")
    assert code == 0
    assert "media" not in out.replace("of labels will be shown", "")
    (tmp_path / "dog.png").rename(tmp_path / "Dog.png")
    options = [option.replace("dog.png", "Dog.png") for option in all_files(tmp_path)]
    (tmp_path / "Dog.png").write_bytes(media_files.png())
    code, out = run(tmp_path, *options, command="check_questionnaire")
    text = " ".join(out.split())
    assert code == 0
    assert "warning sheet 'choices', row 3, column 'media::image'" in text
    assert "Did you mean 'Dog.png', which is attached? Capitals and spaces count." in text


def test_a_workbook_can_be_published_without_its_pictures(tmp_path: Path) -> None:
    code, out = run(tmp_path, "--publish")
    assert code == 0
    assert "The picture 'cat.png' is not attached." in out
    assert not MediaFile.objects.exists()


def test_a_file_that_cannot_be_shown_stores_nothing(tmp_path: Path) -> None:
    code, out = run(tmp_path, *all_files(tmp_path, cat=b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    assert code == 1
    assert "sheet 'choices', row 2, column 'media::image'" in out
    assert "Nothing was stored." in out
    assert not QuestionnaireVersion.objects.exists()
    assert not MediaFile.objects.exists()


def test_files_that_are_too_many_or_alike_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    options = all_files(tmp_path)
    heavy = folder_with(tmp_path, **{f"sound{number}_mp3": bytes(9_000_000) for number in range(3)})
    code, out = run(tmp_path, *options, *heavy)
    assert code == 2
    assert "20 are read" in out
    code, out = run(tmp_path, *options, *options[:2])
    assert code == 2
    assert "pets.jpg is given twice." in out


def test_the_same_files_again_add_nothing_and_another_picture_is_another_version(tmp_path: Path) -> None:
    run(tmp_path, "--publish", *all_files(tmp_path))
    run(tmp_path, *all_files(tmp_path))
    assert QuestionnaireVersion.objects.count() == 1
    run(tmp_path, "--publish", *all_files(tmp_path, cat=media_files.png(colour=9)))
    newer, older = QuestionnaireVersion.objects.order_by("-number")
    assert (newer.number, newer.checksum == older.checksum) == (2, False)
    assert newer.media.count() == older.media.count() == 4
    assert MediaFile.objects.count() == 5, "what both show is kept once"

    (item,) = compare(instrument_of(older), instrument_of(newer)).items
    assert [str(change) for change in item.changes] == ["media (choices cat)"]
    assert item.comparability == "cosmetic"


def test_the_same_workbook_without_its_files_is_another_version(tmp_path: Path) -> None:
    run(tmp_path, *all_files(tmp_path))
    run(tmp_path)
    newer, _ = QuestionnaireVersion.objects.order_by("-number")
    assert newer.media.count() == 0
    assert {one.code for one in findings(newer)} >= {"media.not_attached"}


def test_the_form_for_odk_collect_still_names_them(tmp_path: Path) -> None:
    run(tmp_path, *all_files(tmp_path))
    out = StringIO()
    call_command("export_xform", "pets@1", stdout=out)
    values = [
        value.text for value in ElementTree.fromstring(out.getvalue()).iter("{http://www.w3.org/2002/xforms}value")
    ]
    assert {"jr://images/pets.jpg", "jr://audio/question.mp3", "jr://images/cat.png"} <= set(values)


# The database


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE surveys_mediafile SET data = 'x'",
        "UPDATE surveys_mediafile SET ending = 'gif'",
        "DELETE FROM surveys_mediafile",
        "DELETE FROM surveys_questionnaireversion_media",
        "UPDATE surveys_questionnaireversion_media SET mediafile_id = (SELECT min(sha256) FROM surveys_mediafile)",
        "INSERT INTO surveys_questionnaireversion_media (questionnaireversion_id, mediafile_id)"
        " SELECT v.id, f.sha256 FROM surveys_questionnaireversion v, surveys_mediafile f"
        " WHERE f.ending = 'wav' AND v.state = 'published'",
    ],
)
def test_the_database_refuses_any_change_to_what_a_published_version_shows(sql: str, tmp_path: Path) -> None:
    wav = media_files.wav()
    MediaFile.objects.create(sha256=hashlib.sha256(wav).hexdigest(), ending="wav", data=wav)
    run(tmp_path, "--publish", *all_files(tmp_path))
    before = set(MediaFile.objects.values_list("sha256", "versions"))
    with pytest.raises(DatabaseError, match="pictures and sounds of a published questionnaire version"):
        execute(sql)
    assert set(MediaFile.objects.values_list("sha256", "versions")) == before


def test_what_only_a_draft_shows_may_go_with_it(tmp_path: Path) -> None:
    run(tmp_path, *all_files(tmp_path))
    execute("DELETE FROM surveys_questionnaireversion_media")
    execute("DELETE FROM surveys_mediafile")
    assert not MediaFile.objects.exists()


def test_the_database_knows_the_bytes_by_their_name() -> None:
    with pytest.raises(IntegrityError, match="media_named_by_its_bytes"), transaction.atomic(using="answers"):
        MediaFile.objects.create(sha256="0" * 64, ending="png", data=media_files.png())
