"""Panel files: whole files refused, rows refused by line, nothing echoed, nobody added twice."""

import io
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.intake import countries, reading, rows
from panel.models import AuditEntry, Bridge, Contact, Member
from panel.services.import_panel import ImportReport
from panel.services.keyring import open_vault
from panel.vault.seals import ContactDetails, unseal_contact
from surveys.refusals import Refused
from tests.panel.people import HEADER, add, add_people, csv_of, key_of, person

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

GOOD = "anna@example.org,ru,Asia/Tbilisi,GEO,partner-a,X1"
MARK = "planted7f3a"  # stands in every bad cell below; no message may repeat it


@pytest.fixture
def stored(panel: Path) -> Callable[[], list[ContactDetails]]:
    """What the vault finds in the panel."""

    def read() -> list[ContactDetails]:
        vault = open_vault()
        return [unseal_contact(vault.contact, one.pk, bytes(one.sealed)) for one in Contact.objects.all()]

    return read


def test_a_row_is_stored_as_it_was_given(stored: Callable[[], list[ContactDetails]]) -> None:
    report = add(csv_of([GOOD]))
    assert report == ImportReport(n_rows=1, n_added=1, n_in_panel=0, refused=(), duplicates=())
    assert stored() == [ContactDetails("anna@example.org", "ru", "Asia/Tbilisi", "GEO", "partner-a", "X1")]


@pytest.mark.parametrize(
    "data",
    [
        csv_of([GOOD]).replace(b"\n", b"\r\n"),
        csv_of([GOOD]).replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + csv_of([GOOD]),
        csv_of([GOOD.replace(",", ";")], HEADER.replace(",", ";")),
        csv_of([GOOD.replace(",", "\t")], HEADER.replace(",", "\t")),
        csv_of(['"' + GOOD.replace(",", '","') + '"'], HEADER.upper()),
        csv_of(["X1,partner-a,GEO,Asia/Tbilisi,ru,anna@example.org"], ",".join(reversed(HEADER.split(",")))),
        b"\n\n" + csv_of(["", GOOD, "   "]),
        csv_of([" anna@example.org , RU , asia/tbilisi , ge , partner-a , X1 "]),
    ],
    ids=["CRLF", "CR", "BOM", "semicolons", "tabs", "quotes", "another order", "blank lines", "spaces and case"],
)
def test_the_same_row_in_other_clothes_is_the_same(data: bytes, stored: Callable[[], list[ContactDetails]]) -> None:
    report = add(data)
    assert (report.n_added, report.refused) == (1, ())
    assert stored() == [ContactDetails("anna@example.org", "ru", "Asia/Tbilisi", "GEO", "partner-a", "X1")]


def test_a_domain_in_any_script_is_kept_as_mail_servers_write_it(stored: Callable[[], list[ContactDetails]]) -> None:
    add(csv_of(["anna@пример.рф,ru,UTC,RU,,"]))
    assert stored() == [ContactDetails("anna@xn--e1afmkfd.xn--p1ai", "ru", "UTC", "RUS")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty"),
        (b"\n \n", "The file is empty"),
        (b"PK\x03\x04" + b"\0" * 50, "a workbook or an archive"),
        (csv_of([GOOD]).decode().encode("utf-16"), "UTF-16"),
        (csv_of([GOOD]).decode().encode("utf-16-le"), "Line 1 holds a NUL byte"),
        (csv_of([GOOD, f"{MARK}\0,ru,UTC,GEO,,"]), "Line 3 holds a NUL byte"),
        (csv_of([GOOD]) + f"{MARK}@я.рф,ru,UTC,GEO,,".encode("cp1251"), "Line 3 is not UTF-8"),
        (f"{MARK}@example.org\n".encode(), "The first line must name the columns"),
        (csv_of([GOOD], HEADER.replace("source", MARK)), "the file has another one at 5"),
        (csv_of([GOOD], HEADER + f",{MARK}"), "the file has another one at 7"),
        (csv_of([GOOD], HEADER.replace("source,", "")), "lacks the column source"),
        (csv_of([GOOD], "email"), "lacks the columns language, timezone, country, source, external_id"),
        (csv_of([GOOD], HEADER + ",Email"), "The column email is there more than once, at 1, 7"),
        (csv_of([GOOD], '"' + HEADER), "The first line must name the columns"),
        (f"{MARK}".encode() * 1000, "The first line must name the columns"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused_and_nothing_stored(data: bytes, reason: str, panel: Path) -> None:
    with pytest.raises(Refused, match=reason) as refusal:
        add(data)
    assert MARK not in str(refusal.value)
    assert not Member.objects.exists()


def test_a_file_too_large_is_refused(panel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(Refused, match="Split it"):
        add(csv_of([GOOD] * 10))


BAD_ROWS = {
    f",ru,UTC,GEO,{MARK},": "email is empty",
    f"{MARK}@example.org,,UTC,GEO,,": "language is empty",
    f"{MARK}@example.org,ru,,GEO,,": "timezone is empty",
    f"{MARK}.example.org,ru,UTC,GEO,,": "email is not an address",
    f"{MARK}@,ru,UTC,GEO,,": "email is not an address",
    f"@{MARK}.org,ru,UTC,GEO,,": "email is not an address",
    f"{MARK}@localhost,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@exa mple.org,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@example..org,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@-example.org,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@example.123,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@{'a' * 64}.org,ru,UTC,GEO,,": "look after the @",
    f"{MARK}@[127.0.0.1],ru,UTC,GEO,,": "look after the @",
    f"{MARK}@example.org>,ru,UTC,GEO,,": "look after the @",
    f"{MARK} {MARK}@example.org,ru,UTC,GEO,,": "look before the @",
    f"Anna <{MARK}@example.org,ru,UTC,GEO,,": "look before the @",
    f".{MARK}@example.org,ru,UTC,GEO,,": "look before the @",
    f"{MARK}..a@example.org,ru,UTC,GEO,,": "look before the @",
    f"{MARK}@{MARK}@example.org,ru,UTC,GEO,,": "look before the @",
    f"{MARK}\u200b@example.org,ru,UTC,GEO,,": "only ASCII is sent to",
    f"анна{MARK}@example.org,ru,UTC,GEO,,": "only ASCII is sent to",
    f"{MARK}{'a' * 60}@example.org,ru,UTC,GEO,,": "look before the @",
    f"{MARK}@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.org,ru,UTC,GEO,,": "longer than 254",
    f"{MARK}@example.org,{MARK},UTC,GEO,,": "language is not a code",
    f"{MARK}@example.org,русский,UTC,GEO,,": "language is not a code",
    f"{MARK}@example.org,ru-{MARK}-aaaaaaaa,UTC,GEO,,": "language is not a code",
    f"{MARK}@example.org,ru,{MARK}/Nowhere,GEO,,": "timezone is not an IANA zone",
    f"{MARK}@example.org,ru,+04:00,GEO,,": "timezone is not an IANA zone",
    f"{MARK}@example.org,ru,../../{MARK},GEO,,": "timezone is not an IANA zone",
    f"{MARK}@example.org,ru,UTC,{MARK},,": "country is not an ISO 3166 code",
    f"{MARK}@example.org,ru,UTC,XYZ,,": "country is not an ISO 3166 code",
    f"{MARK}@example.org,ru,UTC,GEO,{MARK} b,": "source may hold",
    f"{MARK}@example.org,ru,UTC,GEO,{'s' * 51},": "source may hold",
    f"{MARK}@example.org,ru,UTC,GEO,,{'x' * 65}": "external_id may hold",
    f"{MARK}@example.org,ru,UTC,GEO,,a\u202eb": "external_id may hold",
    f"{MARK}@example.org,ru,UTC,GEO,": "5 cells instead of 6",
    f"{MARK}@example.org,ru,UTC,GEO,,,": "7 cells instead of 6",
    f'"{MARK}@example.org,ru,UTC,GEO,,': "quotation mark is not closed",
    f'"{MARK}"x@example.org,ru,UTC,GEO,,': "text follows a closed one",
    f"{MARK}@example.org,ru,UTC,GEO,,{'x' * 100_000}": "longer than 2000 characters",
}


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS.items(), ids=range(len(BAD_ROWS)))
def test_a_wrong_row_is_refused_by_its_line_with_a_reason_and_the_others_are_stored(
    row: str, reason: str, panel: Path
) -> None:
    report = add(csv_of([GOOD, row, GOOD.replace("anna", "vera")]))
    assert [refused.line for refused in report.refused] == [3]
    assert reason in report.refused[0].reason
    assert MARK not in repr(report)
    assert (report.n_added, Member.objects.count()) == (2, 2)


def test_doubles_are_told_by_line_within_the_file_and_as_a_count_against_the_panel(panel: Path) -> None:
    add(csv_of([GOOD]))
    report = add(csv_of(["vera@example.org,ru,UTC,,,", GOOD, "VERA@Example.org,en,UTC,,,", GOOD.replace("X1", "X2")]))
    assert (report.n_rows, report.n_added, report.n_in_panel) == (4, 1, 1)
    assert [(double.line, double.first_line) for double in report.duplicates] == [(4, 2), (5, 3)]
    assert report.refused == ()


def test_the_same_file_twice_adds_nobody(panel: Path) -> None:
    assert add_people(50).n_added == 50
    before = set(Member.objects.values_list("pk", flat=True))
    report = add_people(50)
    assert (report.n_added, report.n_in_panel) == (0, 50)
    assert set(Member.objects.values_list("pk", flat=True)) == before


def test_the_order_of_rows_says_nothing_about_the_order_of_the_file(panel: Path) -> None:
    add_people(60)
    vault = open_vault()

    def places(model: type[Contact | Bridge]) -> list[str]:
        rows = model.objects.order_by(RawSQL("ctid", ())).values_list("member_id", flat=True)
        sealed = dict(Contact.objects.values_list("member_id", "sealed"))
        return [unseal_contact(vault.contact, member, bytes(sealed[member])).email for member in rows]

    for model in (Contact, Bridge):
        assert sorted(places(model)) != places(model)


def test_everyone_has_a_bridge_of_their_own(panel: Path) -> None:
    add_people(20)
    assert len({key_of(member) for member in Member.objects.all()}) == 20
    assert len(set(Contact.objects.values_list("stop_hash", flat=True))) == 20


def test_an_import_leaves_a_count_in_the_audit_and_no_person(panel: Path) -> None:
    add(csv_of([GOOD]))
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.by, entry.detail) == ("import_panel", "tests", {"n_added": 1})


def test_if_the_audit_cannot_be_written_nobody_is_added(panel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(AuditEntry.objects, "create", broken)
    with pytest.raises(RuntimeError):
        add(csv_of([GOOD]))
    assert not Member.objects.exists()


def test_without_keys_nothing_is_imported(db: None, settings: "Settings", tmp_path: Path) -> None:
    settings.PRIVATE_KEY_DIR = tmp_path
    with pytest.raises(Refused, match=r"contact\.key is missing.*make_keys"):
        add(csv_of([GOOD]))


def test_another_role_than_the_worker_may_not_import(panel: Path, settings: "Settings") -> None:
    settings.MAY_UNSEAL = False
    with pytest.raises(Refused, match="Only the worker"):
        add(csv_of([GOOD]))


def test_the_command_reports_lines_and_never_a_cell(panel: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(csv_of([GOOD, f"{MARK}.example.org,ru,UTC,GEO,,", GOOD]))
    shown, told = io.StringIO(), io.StringIO()
    call_command("import_panel", file, stdout=shown)
    call_command("import_panel", file, "--json", stdout=told)
    assert "3 rows: 1 added, 0 in the panel already, 1 doubled in the file, 1 refused." in shown.getvalue()
    assert "line 3: email is not an address" in shown.getvalue()
    assert "line 4: same address as line 2" in shown.getvalue()
    assert json.loads(told.getvalue())["refused"][0]["line"] == 3
    assert "anna" not in shown.getvalue() + told.getvalue()
    assert MARK not in shown.getvalue() + told.getvalue()


def test_on_a_terminal_the_command_says_how_far_it_is(panel: Path, tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = tmp_path / "people.csv"
    file.write_bytes(csv_of([person(number) for number in range(3)]))
    seen, piped = Terminal(), io.StringIO()
    call_command("import_panel", file, stdout=io.StringIO(), stderr=seen, no_color=True)
    assert seen.getvalue().splitlines() == ["0 of 3 new people sealed …", "3 of 3 new people sealed …"]
    call_command("import_panel", file, stdout=io.StringIO(), stderr=piped)
    assert piped.getvalue() == ""


@pytest.mark.parametrize("content", [None, b""])
def test_the_command_refuses_in_one_line(content: bytes | None, panel: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError) as refusal:
        call_command("import_panel", file)
    assert "\n" not in str(refusal.value)


def test_a_large_file_of_every_kind_of_bad_row_is_taken(panel: Path) -> None:
    chance = random.Random(1)
    good = [person(number) for number in range(1_000)]
    bad = [row for row in BAD_ROWS if len(row) < 2_000] * 24
    doubles = good[:64]
    mixed = [*good, *bad, *doubles]
    chance.shuffle(mixed)
    report = add(csv_of(mixed))
    assert (report.n_rows, report.n_added, len(report.duplicates)) == (len(mixed), 1_000, 64)
    assert len(report.refused) == len(bad)
    expected = {line for line, row in enumerate(mixed, start=2) if row in BAD_ROWS}
    assert {refused.line for refused in report.refused} == expected


@given(st.binary(max_size=400))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_whatever_bytes_a_file_holds_it_is_read_or_refused(data: bytes) -> None:
    for content in (data, csv_of([GOOD]) + data):
        with suppress(reading.FileRefused):
            for row in reading.read_rows(content):
                with suppress(rows.CellRefused):
                    rows.check_row(row.cells or dict.fromkeys(reading.COLUMNS, ""))


@given(st.text(max_size=300))
def test_whatever_a_cell_holds_its_refusal_does_not_repeat_it(cell: str) -> None:
    cells = dict(zip(reading.COLUMNS, ["a@b.de", "ru", "UTC", "GEO", "s", "x"], strict=True))
    for column in reading.COLUMNS:
        reason = _reason({**cells, column: cell.strip()})
        assert len(cell.strip()) < 12 or cell.strip() not in reason


def _reason(cells: dict[str, str]) -> str:
    try:
        rows.check_row(cells)
    except rows.CellRefused as refusal:
        return str(refusal)
    return ""


def test_countries_are_those_of_iso_3166() -> None:
    pairs = countries._CODES.split()
    assert len(pairs) == len({pair[:3] for pair in pairs}) == len({pair[3:] for pair in pairs}) == 250
    samples = {"GE": "GEO", "ge": "GEO", "GEO": "GEO", "GBR": "GBR", "GB": "GBR", "XK": "XKX", "RU": "RUS"}
    assert {given: countries.alpha_3(given) for given in samples} == samples
    assert countries.alpha_3("EU") is None
