"""Two who came by an open link come back to the next wave, with every process real: one by mail, one by six words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from surveys.links import hash_link
from surveys.phrases import normal_form
from tests.byte_sweep import Found, Straw, of_database, of_folder, of_valkey, sweep
from tests.journeys.http_client import HttpClient
from tests.journeys.story import EXAMPLE, UNTIL_ALL_ARE_DUE
from tests.respondent.browsing import Visitor
from tests.respondent.test_answering import walk
from tests.running_site import RunningSite

pytestmark = pytest.mark.processes

ADDRESS = "anna@zimorodok-91c4.example"
PHRASE = re.compile(r'<p class="phrase">([^<]+)</p>')


@dataclass
class Story:
    """What was seen on the way."""

    body: bytes = b""  # as the address was posted
    asked: list[str] = field(default_factory=list)  # recipients
    invited: list[str] = field(default_factory=list)
    phrase: str = ""
    first: dict[str, str] = field(default_factory=dict)  # who: respondent_key in the first wave
    second: dict[str, str] = field(default_factory=dict)
    at_rest: list[Found] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(running_site: RunningSite) -> Iterator[Story]:
    return tell(running_site)


def tell(site: RunningSite) -> Story:
    story = Story()
    site.manage("import_questionnaire", EXAMPLE / "w2024.xlsx", "--slug", "q", "--publish")
    open_wave(site, "first")
    anna, boris = Visitor(HttpClient(site.public_port), "ru"), Visitor(HttpClient(site.public_port), "en")
    for name, someone, recontact in (("anna", anna, "1"), ("boris", boris, "2")):
        take_part(site, someone, recontact)
        story.first[name] = newest(site, "first", set(story.first.values()))
    story.phrase = PHRASE.search(boris.send(boris.page.form("/i/phrase")).html)[1]  # type: ignore[index]
    form = anna.page.form("/i/opt-in#opt-in")
    story.body = urlencode({**form.values, "-email": ADDRESS}, doseq=True).encode()
    anna.send(form, {"-email": ADDRESS})
    site.move_clock(timedelta(days=1))
    (mail,) = site.wait_for_messages(1)
    story.asked = mail["to"]
    (letters,) = set(re.findall(r"/c/([a-z2-7]{26})", mail["text"]))
    anna.send(anna.get(f"/c/{letters}").form())
    site.manage("close_wave", "first")
    site.manage("send_due")  # takes the yes, should beat not have ticked yet
    open_wave(site, "second")
    boris.client.cookies.clear()
    boris.get("/return")
    boris.send(boris.page.form(), {"-phrase": story.phrase.title()}, ("-move", "come"))
    boris.send(boris.page.form())
    assert boris.page.path == "/i/p_consent/"
    site.move_clock(UNTIL_ALL_ARE_DUE)
    invitation = site.wait_for_messages(2)[-1]
    story.invited = invitation["to"]
    link = re.search(r"/w/([a-z2-7]{26})", invitation["text"])[1]  # type: ignore[index]
    with site.connect("answers") as connection:
        of_link = "SELECT respondent_id::text FROM surveys_interview WHERE link_hash = %s"
        (story.second["anna"],) = connection.execute(of_link, [hash_link(link)]).fetchone()  # type: ignore[misc]
        without = "SELECT respondent_id::text FROM surveys_interview WHERE wave_id = 2 AND link_hash IS NULL"
        ((story.second["boris"],),) = connection.execute(without).fetchall()
    story.at_rest = search_with_one_planted(site, ADDRESS, story.phrase)
    return story


def open_wave(site: RunningSite, slug: str) -> None:
    today = (datetime.now(UTC) + site.clock_offset).date()
    closes = today + timedelta(days=20)
    site.manage("open_wave", slug, "--questionnaire", "q", "--opens", today, "--closes", closes)


def take_part(site: RunningSite, someone: Visitor, recontact: str) -> None:
    with site.connect("answers") as connection:
        (code,) = connection.execute("SELECT code FROM surveys_recruitmentlink").fetchone()  # type: ignore[misc]
    form = someone.get(f"/r/{code}").form()
    someone.post(f"/r/{code}", form.values)
    walk(someone, until="p_recontact")
    someone.finish({"recontact": recontact})
    assert someone.page.path == "/i/done/"


def newest(site: RunningSite, wave: str, known: set[str]) -> str:
    records = "SELECT respondent_id::text FROM surveys_record r JOIN surveys_wave w ON w.id = r.wave_id"
    with site.connect("answers") as connection:
        rows = connection.execute(f"{records} WHERE w.slug = %s", [wave]).fetchall()
    (new,) = {key for (key,) in rows} - known
    return new


def search_with_one_planted(site: RunningSite, address: str, phrase: str) -> list[Found]:
    """Every byte at rest, for the address and the phrase, as shown and as it is hashed; one of each is put there."""
    (site.folder / "log" / "planted").write_text(f"{address} {phrase}")
    valkey = f"unix://{quote(str(site.folder / 'servers' / 's' / 'valkey'))}"
    valkey = site.environment().get("REDIS_URL", valkey)
    with site.connect("default", "superuser") as panel, site.connect("answers", "superuser") as answers:
        places = (of_folder(site.folder), of_database(panel), of_database(answers), of_valkey(valkey))
        return sweep(chain(*places), [address, address.partition("@")[2], phrase, normal_form(phrase)])


def test_an_address_stands_in_the_posted_body_and_afterwards_nowhere_at_rest(story: Story) -> None:
    found = sweep([Straw("the posted body", story.body)], [ADDRESS])
    assert [(one.place, one.encoding) for one in found] == [("the posted body", "url")]
    assert {Path(one.place).name for one in story.at_rest} == {"planted"}


def test_six_words_stand_nowhere_at_rest_once_they_were_shown(story: Story) -> None:
    assert {Path(one.place).name for one in story.at_rest if one.secret == story.phrase} == {"planted"}


def test_whoever_opted_in_is_asked_once_confirms_and_is_invited_under_the_same_key(story: Story) -> None:
    assert story.asked == story.invited == [ADDRESS]
    assert story.second["anna"] == story.first["anna"]


def test_whoever_has_six_words_comes_back_under_the_same_key_and_leaves_no_contact(story: Story) -> None:
    assert len(story.phrase.split()) == 6
    assert story.second["boris"] == story.first["boris"]
    assert story.first["boris"] != story.first["anna"]
