"""The main job told once with real processes, and what was seen on the way.

A panel of 200 is invited to a first wave; 120 complete, 20 break off, 60 keep silent; a week later a reminder goes out;
a second wave follows with prior answers; both are released.
"""

import csv
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.byte_sweep import Found, of_database, of_folder, of_valkey, sweep
from tests.running_site import RunningSite

EXAMPLE = Path(__file__).resolve().parents[2] / "surveys" / "example"
RECIPE = EXAMPLE / "recipe.toml"
#: All members' addresses are in this domain, so one search finds any of them.
DOMAIN = "kolibri-7f3a.example"
PLACES = [
    ("ru", "Asia/Tbilisi", "GEO"),
    ("ru", "Europe/Belgrade", "SRB"),
    ("en", "America/New_York", "USA"),
    ("ru", "Asia/Seoul", "KOR"),
]
N_MEMBERS, N_COMPLETING, N_LEAVING = 200, 120, 20
#: Past 10:00 of the next day everywhere.
UNTIL_ALL_ARE_DUE = timedelta(hours=40)
_LETTERS = re.compile(r"/w/([a-z2-7]{26})(?![a-z2-7])")


@dataclass
class Story:
    """What was seen. Recipients are lists, so that someone written to twice shows."""

    addresses: set[str] = field(default_factory=set)
    invited: list[str] = field(default_factory=list)
    simulated: dict[str, Any] = field(default_factory=dict)
    reminded: list[str] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)  # addresses of those who had not ended when reminders were due
    n_records: Counter[str] = field(default_factory=Counter)
    prior: dict[str, Any] = field(default_factory=dict)  # respondent: what the second wave was handed
    first_countries: dict[str, Any] = field(default_factory=dict)  # respondent: country in the first wave's record
    second_invited: list[str] = field(default_factory=list)
    second_simulated: dict[str, Any] = field(default_factory=dict)
    release: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    codebook: dict[str, Any] = field(default_factory=dict)
    planted: list[Found] = field(default_factory=list)
    at_rest: list[Found] = field(default_factory=list)


def tell(site: RunningSite, papers: Path) -> Story:
    """Run the whole job on a fresh site; `papers` takes the files that a team would have on a desk."""
    story = Story()
    site.manage("import_questionnaire", EXAMPLE / "w2023.xlsx", "--slug", "q2023", "--publish")
    site.manage("import_questionnaire", EXAMPLE / "w2024.xlsx", "--slug", "q2024", "--publish")
    site.manage("import_panel", _panel(story, papers))
    _first_wave(site, story)
    _reminder(site, story)
    _second_wave(site, story)
    _release(site, story, papers / "release")
    story.planted, story.at_rest = _search(site)
    return story


def _panel(story: Story, papers: Path) -> Path:
    file = papers / "panel.csv"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["email", "language", "timezone", "country", "source", "external_id"])
        for number in range(N_MEMBERS):
            address = f"member.{number}@{DOMAIN}"
            story.addresses.add(address)
            writer.writerow([address, *PLACES[number % len(PLACES)], "friends", f"x{number}"])
    return file


def _first_wave(site: RunningSite, story: Story) -> None:
    _open(site, "w2023", "q2023")
    site.move_clock(UNTIL_ALL_ARE_DUE)
    story.invited = _recipients(site.wait_for_messages(N_MEMBERS, seconds=120))
    n_visitors = N_COMPLETING + N_LEAVING
    story.simulated = _simulate(site, "w2023", n_visitors, break_off=N_LEAVING / n_visitors)


def _reminder(site: RunningSite, story: Story) -> None:
    address_of_link = {_link_hash(mail): _recipients([mail])[0] for mail in site.messages()}
    with site.connect("answers") as connection:
        waiting = connection.execute("SELECT link_hash FROM surveys_interview WHERE state <> 'ended'").fetchall()
    story.unfinished = {address_of_link[bytes(link_hash)] for (link_hash,) in waiting}
    site.move_clock(timedelta(days=7))
    n_expected = N_MEMBERS + len(story.unfinished)
    site.wait_for_messages(n_expected, seconds=120)
    _ticks(site, 3)
    story.reminded = _recipients(site.messages())[N_MEMBERS:]


def _second_wave(site: RunningSite, story: Story) -> None:
    site.manage("close_wave", "w2023")
    with site.connect("answers") as connection:
        records = "SELECT respondent_id::text, answers->>'country', outcome_code FROM surveys_record"
        for respondent, country, code in connection.execute(records):
            story.first_countries[respondent] = country
            story.n_records[code] += 1
    n_before = len(site.messages())
    _open(site, "w2024", "q2024")
    with site.connect("answers") as connection:
        interviews = (
            "SELECT i.respondent_id::text, i.prior FROM surveys_interview i "
            "JOIN surveys_wave w ON w.id = i.wave_id WHERE w.slug = 'w2024'"
        )
        story.prior = dict(connection.execute(interviews).fetchall())
    site.move_clock(UNTIL_ALL_ARE_DUE)
    story.second_invited = _recipients(site.wait_for_messages(n_before + N_MEMBERS, seconds=120)[n_before:])
    story.second_simulated = _simulate(site, "w2024", 150, break_off=0)
    site.manage("close_wave", "w2024")


def _release(site: RunningSite, story: Story, out: Path) -> None:
    arguments = ["build_release", "w2023", "w2024", "--kind", "scientific", "--k", "5", "--recipe", RECIPE]
    # A panel of 200 is small for five quasi-identifiers over two waves; what is tried here is k, not the loss.
    story.release = json.loads(site.manage(*arguments, "--max-loss", "0.9", "--out", out, "--json"))
    with (out / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        story.rows = list(csv.DictReader(file))
    story.codebook = json.loads((out / "codebook.json").read_text())


def _search(site: RunningSite) -> tuple[list[Found], list[Found]]:
    """Search every byte at rest for members' addresses: once with one planted in each store, once without."""
    canary = f"planted@{DOMAIN}"
    valkey = f"unix://{quote(str(site.folder / 'servers' / 's' / 'valkey'))}"
    valkey = site.environment().get("REDIS_URL", valkey)
    with site.connect("default", "superuser") as panel, site.connect("answers", "superuser") as answers:

        def everything() -> list[Found]:
            places = (of_folder(site.folder), of_database(panel), of_database(answers), of_valkey(valkey))
            return sweep(chain(*places), [DOMAIN])

        without = everything()
        panel.execute("CREATE TABLE planted (body text)")
        panel.execute("INSERT INTO planted VALUES (%s)", [canary])
        (site.folder / "log" / "planted").write_text(canary)
        return everything(), without


def _open(site: RunningSite, wave: str, questionnaire: str) -> None:
    today = _today(site)
    closes = today + timedelta(days=20)
    site.manage("open_wave", wave, "--questionnaire", questionnaire, "--opens", today, "--closes", closes)


def _today(site: RunningSite) -> date:
    return (datetime.now(UTC) + site.clock_offset).date()


def _simulate(site: RunningSite, wave: str, members: int, *, break_off: float) -> dict[str, Any]:
    shares = ["--break-off", str(break_off), "--silent", "0", "--seed", "7"]
    command = ["simulate_wave", wave, "--members", str(members), *shares, "--mailbox", site.mailbox_url, "--json"]
    found: dict[str, Any] = json.loads(site.manage(*command))
    return found


def _ticks(site: RunningSite, n: int) -> None:
    """Let beat tick so often that a second mail to anyone would have been sent by now."""
    with site.connect("default") as connection:
        for number in range(n):
            connection.execute("SELECT pg_sleep(1.5)")
            assert number < n


def _recipients(mails: list[dict[str, Any]]) -> list[str]:
    return [address for mail in mails for address in mail["to"]]


def _link_hash(mail: dict[str, Any]) -> bytes:
    found = _LETTERS.search(mail["text"])
    assert found, "an invitation without a link"
    return hashlib.sha256(found[1].encode()).digest()
