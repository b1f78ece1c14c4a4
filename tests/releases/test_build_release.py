"""What comes out of a release, what doesn't, and when there is none."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from surveys.instrument.model import Disclosure, Group, Item, Kind
from surveys.models import AuditEntry, Record, Release, Respondent
from surveys.refusals import Refused
from surveys.services import releases
from tests.releases.study import KEEP_REGION, Study, build, item, mood, region, rows_of

if TYPE_CHECKING:
    from outrush_site.grants import Tier

pytestmark = pytest.mark.django_db

FILES = {"data.csv", "codebook.html", "codebook.json", "report.md", "recipe.toml", "SHA256SUMS"}


def may_release() -> Item:
    return item("may_release", choices="mood", consent="release_scientific")


@pytest.fixture
def study() -> Study:
    """One wave: five in the south, five in the west, one at home."""
    study = Study()
    study.field(
        "w1",
        region(),
        mood(),
        item("age", Kind.INTEGER, Disclosure.QUASI),
        item("name", Kind.TEXT, Disclosure.DIRECT),
        item("story", Kind.TEXT, Disclosure.OPEN),
        item("fear", Kind.SELECT_ONE, Disclosure.SENSITIVE, choices="mood"),
        item("friends", Kind.INTEGER),
        item("wakes_at", Kind.TIME),
        item("agrees", choices="mood", consent="take_part"),
        Group("moves", "moves", "/moves", (item("to", repeat="moves", path="/moves/to"),), is_repeat=True),
    )
    for place in ("south", "west"):
        for number in range(5):
            study.answer(
                "w1",
                f"{place}{number}",
                region=place,
                mood="2",
                age="31",
                name="Anna Canary",
                story="secret canary",
                fear="1",
                friends=str(number),
                wakes_at="07:00",
                agrees="1",
                moves=[{"_id": "m1", "to": "canaryland"}] * number,
            )
    study.answer("w1", "alone", region="home", mood="1", friends="900")
    return study


def test_a_release_holds_the_anonymous_rows_and_its_documents(study: Study, tmp_path: Path) -> None:
    out = tmp_path / "release"
    release = build(out, "w1")
    rows = rows_of(out)
    assert {path.name for path in out.iterdir()} == FILES
    assert list(rows[0]) == ["release_id", "wave", "region", "mood", "fear", "friends"]
    assert sorted(row["region"] for row in rows) == ["south"] * 5 + ["west"] * 5
    assert (release.n_rows, release.report["rows_lost"]) == (10, {"before": 11, "kept": 10, "share_lost": 0.0909})


def test_direct_open_and_unnamed_items_are_in_no_file_though_they_are_in_the_records(
    study: Study, tmp_path: Path
) -> None:
    assert "Canary" in str(list(Record.objects.values_list("answers", flat=True)))
    build(tmp_path / "release", "w1")
    files = [path for path in (tmp_path / "release").iterdir() if path.name != "SHA256SUMS"]  # any digits may be there
    written = b"".join(path.read_bytes() for path in files)
    for secret in (b"Canary", b"secret canary", b"canaryland", b"07:00", b"31,", b"900"):
        assert secret not in written
    report = (tmp_path / "release" / "report.md").read_text()
    for line in (
        "- quasi-identifying, and the recipe doesn't name it: age",
        "- directly identifying: name",
        "- open text: story",
        "- a time of day: wakes_at",
        "- consent, not a measurement: agrees",
        "- repeats are not released: moves",
    ):
        assert line in report


def test_no_key_time_language_source_or_duration_leaves(study: Study, tmp_path: Path) -> None:
    build(tmp_path / "release", "w1")
    written = b"".join(path.read_bytes() for path in (tmp_path / "release").iterdir()).decode()
    assert Respondent.objects.filter(source="secretsource").exists()
    for secret in ("secretsource", "Secretish", "minutes", "2024-03"):
        assert secret not in written
    for respondent in study.respondents.values():
        assert str(respondent.pk) not in written
        assert respondent.pk.hex not in written


def test_the_ledger_and_the_audit_know_of_it(study: Study, tmp_path: Path) -> None:
    release = build(tmp_path / "release", "w1")
    stored = Release.objects.get()
    assert (stored.pk, stored.waves, stored.k, stored.built_by) == (release.pk, ["w1"], 3, "anna")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "release").iterdir()}
    assert stored.checksums == sums
    entry = AuditEntry.objects.get(action="build_release")
    assert (entry.by, entry.subject, entry.detail["release"]) == ("anna", "w1", str(release.pk))


def test_the_checksums_file_is_right_and_holds_no_seed(study: Study, tmp_path: Path) -> None:
    release = build(tmp_path / "release", "w1")
    for line in (tmp_path / "release" / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / "release" / name).read_bytes()).hexdigest() == digest
    written = b"".join(path.read_bytes() for path in (tmp_path / "release").iterdir())
    assert release.seed.encode() not in written


def test_the_same_recipe_on_unchanged_data_gives_the_same_bytes(study: Study, tmp_path: Path) -> None:
    first, second = build(tmp_path / "a", "w1"), build(tmp_path / "b", "w1")
    assert first.checksums == second.checksums
    assert first.pk != second.pk


def test_new_answers_or_another_recipe_give_everybody_another_id(study: Study, tmp_path: Path) -> None:
    build(tmp_path / "before", "w1")
    build(tmp_path / "other", "w1", recipe="# another\n" + KEEP_REGION + "importance = 2\n")
    study.answer("w1", "new", region="south", mood="1")
    build(tmp_path / "after", "w1")
    ids = [{row["release_id"] for row in rows_of(tmp_path / name)} for name in ("before", "other", "after")]
    assert [len(some) for some in ids] == [10, 10, 11]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_the_order_of_the_rows_is_that_of_the_random_ids(study: Study, tmp_path: Path) -> None:
    build(tmp_path / "release", "w1")
    ids = [row["release_id"] for row in rows_of(tmp_path / "release")]
    assert ids == sorted(ids)


def test_erased_records_are_left_out(study: Study, tmp_path: Path) -> None:
    study.answer("w1", "gone", region="south", mood="2", erased=True)
    assert build(tmp_path / "release", "w1").report["rows_lost"]["before"] == 11


def test_who_did_not_agree_to_the_release_is_left_out(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), item("may_release", choices="mood", consent="release_scientific"))
    study.many("w1", 4, "yes", mood="2", may_release="1")
    study.many("w1", 3, "no", mood="2", may_release="2")
    study.many("w1", 2, "silent", mood="2", missing={"may_release": "left_empty"})
    assert build(tmp_path / "release", "w1", recipe=None).n_rows == 4


def test_a_no_in_an_earlier_wave_holds_where_a_later_one_did_not_ask(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), may_release())
    study.field("w2", mood())
    for wave in ("w1", "w2"):
        study.many(wave, 4, "yes", mood="2", may_release="1")
        study.many(wave, 2, "no", mood="2", may_release="2")
    study.many("w2", 1, "new", mood="2")
    assert build(tmp_path / "second", "w2", recipe=None).n_rows == 5
    assert build(tmp_path / "both", "w1", "w2", recipe=None, k=4).n_rows == 8


def test_the_latest_answer_decides_for_all_records_and_being_routed_past_is_none(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), may_release())
    study.field("w2", mood(), may_release())
    agreed = {"mood": "2", "may_release": "1"}
    study.many("w1", 9, "r", **agreed)
    study.many("w2", 4, "r", **agreed)
    study.answer("w2", "r4", mood="2", may_release="2")
    study.answer("w2", "r5", mood="2", missing={"may_release": "left_empty"})
    study.answer("w2", "r6", mood="2", missing={"may_release": "not_routed"})
    study.answer("w2", "r7", mood="2", missing={"may_release": "not_reached"})
    assert build(tmp_path / "first", "w1", recipe=None).n_rows == 9
    both = build(tmp_path / "both", "w1", "w2", recipe="[other.mood]\nrecode='drop'", k=3)
    assert both.report["rows_lost"]["before"] == 7 + 6


def test_who_changes_from_no_to_yes_is_released(tmp_path: Path) -> None:
    study = Study()
    for wave, answer in (("w1", "2"), ("w2", "1")):
        study.field(wave, mood(), may_release())
        study.many(wave, 4, "r", mood="2", may_release=answer)
    assert build(tmp_path / "both", "w1", "w2", recipe=None).n_rows == 8
    with pytest.raises(Refused, match="Fewer than 3 respondents"):
        build(tmp_path / "first", "w1", recipe=None)


def test_a_wave_that_is_still_open_is_not_released(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood())
    study.field("w2", mood(), is_open=True)
    for wave in ("w1", "w2"):
        study.many(wave, 4, "r", mood="2")
    with pytest.raises(Refused, match=r"Still open: w2\. Close it first"):
        build(tmp_path / "release", "w1", "w2", recipe=None)
    assert list(tmp_path.iterdir()) == []
    assert build(tmp_path / "release", "w1", recipe=None).n_rows == 4


def test_consent_to_scientific_use_is_none_to_a_public_release(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), item("may_release", choices="mood", consent="release_scientific"))
    study.many("w1", 12, "yes", mood="2", may_release="1")
    assert build(tmp_path / "scientific", "w1", recipe=None).n_rows == 12
    with pytest.raises(Refused, match="Fewer than 10 respondents"):
        build(tmp_path / "public", "w1", kind="public", k=10, recipe=None)


def test_who_refuses_scientific_use_later_refuses_a_public_release_too(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", mood(), item("may_publish", choices="mood", consent="release_public"))
    study.field("w2", mood(), may_release())
    study.many("w1", 14, "r", mood="2", may_publish="1")
    study.many("w2", 12, "r", mood="2", may_release="1")
    study.answer("w2", "r12", mood="2", may_release="2")
    public = {"kind": "public", "k": 10, "recipe": None}
    assert build(tmp_path / "first", "w1", **public).n_rows == 14
    assert build(tmp_path / "second", "w2", **public).n_rows == 12


def test_a_public_release_has_no_sensitive_items(study: Study, tmp_path: Path) -> None:
    study.many("w1", 9, "more", region="south", mood="1", fear="2")
    build(tmp_path / "public", "w1", kind="public", k=10)
    assert "fear" not in rows_of(tmp_path / "public")[0]
    assert "sensitive: not in a public release: fear" in (tmp_path / "public" / "report.md").read_text()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"kind": "team"}, "needs two people"),
        ({"kind": "open"}, "scientific or public, not 'open'"),
        ({"k": 2}, "k of 3 or more, not 2"),
        ({"k": 0}, "k of 3 or more, not 0"),
        ({"kind": "public", "k": 9}, "k of 10 or more, not 9"),
        ({"k": 12}, "Fewer than 12 respondents"),
        ({"recipe": "[quasi.regoin]\nrecode='keep'"}, "no item of that name. Did you mean 'region'"),
        ({"recipe": "[quasi.name]\nrecode='keep'"}, "'name' is never released: directly identifying"),
        ({"recipe": "[quasi.story]\nrecode='keep'"}, "'story' is never released: open text"),
        ({"recipe": "[other.region]\nrecode='drop'"}, "it is quasi-identifying; put it under"),
        ({"recipe": "[quasi.region]\nrecode='bands'\nbreaks=[1]"}, "bands need a number, and it is select_one"),
        ({"recipe": "[quasi.age]\nrecode='year'"}, "year needs a date, and it is integer"),
        (
            {"recipe": "[quasi.region]\nrecode='groups'\ngroups={A=['south','weast']}"},
            "no choice is named 'weast'. Did you mean 'west'",
        ),
        (
            {"recipe": "[quasi.region]\nrecode='groups'\ngroups={A=['south']}"},
            "west, home in no group. Add them, or a rest group",
        ),
        ({"recipe": "[repeats.trips]\nsummary='count'"}, "no repeat of that name"),
        ({"recipe": "max_row_loss = 0.05\n" + KEEP_REGION}, "9.1 % of the rows would be lost; 5.0 % is the most"),
    ],
)
def test_a_release_that_cannot_be_is_refused_with_the_reason(
    study: Study, tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused, match=reason.replace("(", r"\(")):
        build(tmp_path / "release", "w1", **options)
    assert list(tmp_path.iterdir()) == []
    assert not Release.objects.exists()


def test_an_unknown_wave_is_named(study: Study, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no wave w9"):
        build(tmp_path / "release", "w1", "w9")


def test_nothing_is_released_where_no_class_reaches_k(tmp_path: Path) -> None:
    study = Study()
    study.field("w1", region())
    study.field("w2", mood())
    study.many("w1", 2, "both", region="south")
    study.many("w2", 2, "both", mood="1")
    study.many("w2", 2, "second", mood="1")
    with pytest.raises(Refused, match="no row would remain"):
        build(tmp_path / "release", "w1", "w2")


def test_nothing_is_overwritten(study: Study, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for taken in ("kept", "file"):
        with pytest.raises(Refused, match="is there already"):
            build(tmp_path / taken, "w1")
    (tmp_path / "empty").mkdir()
    assert build(tmp_path / "empty", "w1").n_rows == 10


def test_no_file_stays_where_the_ledger_can_not_be_written(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("no audit")

    monkeypatch.setattr(releases.AuditEntry.objects, "create", fails)
    with pytest.raises(RuntimeError, match="no audit"):
        build(tmp_path / "release", "w1")
    assert list(tmp_path.iterdir()) == []
    assert not Release.objects.exists()


def test_only_the_owner_can_read_the_files(study: Study, tmp_path: Path) -> None:
    build(tmp_path / "release", "w1")
    modes = {path.stat().st_mode & 0o077 for path in [tmp_path / "release", *(tmp_path / "release").iterdir()]}
    assert modes == {0}


def test_the_command_tells_what_was_lost(study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(KEEP_REGION)
    call_command("build_release", "w1", "--k", "3", "--recipe", str(recipe), "--out", str(tmp_path / "out"), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["n_rows"], told["n_respondents"], told["smallest_class"], told["k"]) == (10, 10, 5, 3)
    assert set(told["checksums"]) == FILES
    with pytest.raises(CommandError, match="is there already"):
        call_command("build_release", "w1", "--recipe", str(recipe), "--out", str(tmp_path / "out"))
    with pytest.raises(CommandError, match=r"would be lost; 1\.0 % is the most allowed"):
        call_command(
            "build_release",
            "w1",
            "--k",
            "3",
            "--recipe",
            str(recipe),
            "--out",
            str(tmp_path / "more"),
            "--max-loss",
            "0.01",
        )
    with pytest.raises(CommandError, match="can't be read"):
        call_command("build_release", "w1", "--recipe", str(tmp_path / "none.toml"), "--out", str(tmp_path / "more"))


def test_the_rights_of_staff_suffice(
    study: Study, tmp_path: Path, as_tier: "Callable[[Tier], AbstractContextManager[None]]"
) -> None:
    with as_tier("staff"):
        assert build(tmp_path / "release", "w1").n_rows == 10
