"""Losses that take real processes: a web server killed mid-page, cut connections, a restart. And what visits leave.

The rule of all of them: what was acknowledged is in the database, and the person goes on where they were.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from surveys.links import hash_link
from tests.benchmarks.processors import children_of, processes_of
from tests.byte_sweep import of_database, of_folder, of_valkey, sweep
from tests.fieldwork import invite, open_wave
from tests.journeys.cutting_proxy import Cut, CuttingProxy
from tests.journeys.http_client import HttpClient
from tests.journeys.story import EXAMPLE
from tests.respondent.browsing import Visitor
from tests.running_site import RunningSite

pytestmark = pytest.mark.processes

GONE = (OSError, HTTPException)
#: Addresses of this machine that nothing else uses, and a browser that nobody has.
ADDRESS, AGENT = "127.77.66.55", "Kolibri/7f3a"
FORWARDED = "203.0.113.77"


@pytest.fixture(scope="module")
def site(running_site: RunningSite) -> RunningSite:
    running_site.manage("import_questionnaire", EXAMPLE / "w2024.xlsx", "--slug", "w2024", "--publish")
    open_wave(running_site, "w2024")
    return running_site


@pytest.fixture
def link(site: RunningSite) -> str:
    return invite(site, "w2024", 1)[0]


@pytest.fixture
def proxy(site: RunningSite) -> Iterator[CuttingProxy]:
    with CuttingProxy(site.public_port) as proxy:
        yield proxy


def visitor(port: int, **values: str) -> Visitor:
    client: Any = HttpClient(port, **values)
    return Visitor(client, "en")


def on_you(port: int, link: str) -> Visitor:
    """Someone who has come to the page `p_you`."""
    someone = visitor(port)
    someone.take_part(link)
    someone.answer({"consent": "1"})
    assert someone.get("/i/p_you/").status == 200
    return someone


def stored(site: RunningSite, link: str) -> tuple[dict[str, Any], int]:
    """Answers and revision of an interview."""
    with site.connect("answers") as connection:
        found = "SELECT answers, revision FROM surveys_interview WHERE link_hash = %s"
        row = connection.execute(found, [hash_link(link)]).fetchone()
    assert row is not None
    return row


def kill_web_workers(site: RunningSite) -> None:
    for process in children_of(processes_of(site)["web"]):
        os.kill(process, signal.SIGKILL)


def until(does: Callable[[], object], seconds: float = 30) -> Any:
    """What `does` returns once the server is there again."""
    last = time.monotonic() + seconds
    while True:
        try:
            return does()
        except GONE:
            assert time.monotonic() < last, "the server did not come back"
            time.sleep(0.05)


def test_a_web_server_killed_mid_page_loses_nothing_that_it_acknowledged(site: RunningSite, link: str) -> None:
    someone = on_you(site.public_port, link)
    form = someone.page.form()
    someone.send(form, {"birth_year": "1985"}, ("-move", "stay"))
    assert someone.page.status == 200
    kill_web_workers(site)
    until(lambda: someone.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next")))
    assert someone.page.path == "/i/p_end/"
    assert stored(site, link)[0].items() >= {"birth_year": "1985", "gender": "1"}.items()


def test_killed_again_and_again_under_load_it_keeps_every_acknowledged_value(site: RunningSite) -> None:
    links = invite(site, "w2024", 3)
    acknowledged: dict[str, list[int]] = {link: [] for link in links}
    sent: dict[str, int] = {}
    is_over = threading.Event()

    def type_away(link: str) -> None:
        someone = until(lambda: on_you(site.public_port, link))
        form, year = someone.page.form(), 1900
        while not is_over.is_set():
            year = year + 1 if year < 1999 else 1900
            sent[link] = year
            try:
                someone.send(form, {"birth_year": str(year)}, ("-move", "stay"))
            except GONE:
                continue
            assert someone.page.status == 200
            acknowledged[link].append(year)

    threads = [threading.Thread(target=type_away, args=(link,)) for link in links]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(1.5)
        kill_web_workers(site)
    time.sleep(1.5)
    is_over.set()
    for thread in threads:
        thread.join()
    for link in links:
        assert len(acknowledged[link]) > 5, "nothing was saved between the kills"
        # A save whose reply was lost may be there too; nothing older than the last acknowledged one.
        assert stored(site, link)[0]["birth_year"] in {str(acknowledged[link][-1]), str(sent[link])}


@pytest.mark.parametrize("cut", [Cut.REQUEST, Cut.HALF_REQUEST, Cut.REPLY, Cut.HALF_REPLY])
def test_a_cut_connection_loses_nothing_and_doubles_nothing(
    site: RunningSite, link: str, proxy: CuttingProxy, cut: Cut
) -> None:
    someone = on_you(proxy.port, link)
    form, before = someone.page.form(), stored(site, link)[1]
    proxy.cut = cut
    for _ in range(3):
        with pytest.raises(GONE):
            someone.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
    answers, revision = stored(site, link)
    assert proxy.n_lost >= 3
    has_come = cut in {Cut.REPLY, Cut.HALF_REPLY}
    assert ("birth_year" in answers) == has_come
    assert (revision > before) == has_come
    proxy.cut = Cut.NOTHING
    someone.send(form, {"birth_year": "1986", "gender": "1"}, ("-move", "next"))
    assert (someone.page.status, someone.page.path) == (200, "/i/p_end/")
    assert stored(site, link)[0]["birth_year"] == "1986"


def test_taking_part_whose_reply_was_lost_begins_one_interview(
    site: RunningSite, link: str, proxy: CuttingProxy
) -> None:
    someone = visitor(proxy.port)
    form = someone.get(f"/w/{link}").form()
    proxy.cut = Cut.REPLY
    with pytest.raises(GONE):
        someone.send(form)
    proxy.cut = Cut.NOTHING
    assert someone.post(f"/w/{link}", form.values).path == "/i/p_consent/"
    with site.connect("answers") as connection:
        count = "SELECT count(*) FROM surveys_interview WHERE link_hash = %s AND state = 'in_progress'"
        assert connection.execute(count, [hash_link(link)]).fetchone() == (1,)


def test_a_mail_scanner_changes_no_table_and_leaves_the_link_as_good_as_new(
    site: RunningSite, open_page: Callable[..., Page]
) -> None:
    (link,) = invite(site, "w2024", 1)
    scanner = HttpClient(site.public_port)
    before = tables(site)
    exits = ("stop", "erase-contact", "erase")
    paths = {f"/w/{link}", f"/w/{link}?lang=ru", *(f"/w/{link}/{one}" for one in exits), f"/c/{link}", "/return"}
    for _ in range(50):
        for path in paths:
            assert scanner.head(path).status_code < 400
            assert scanner.get(path).status_code < 400
    page = open_page()
    for _ in range(5):
        page.goto(f"{site.public_url}/w/{link}", wait_until="networkidle")
        for address in {one.get_attribute("href") or "" for one in page.locator("a, link[href]").all()}:
            page.request.get(f"{site.public_url}{address}" if address.startswith("/") else page.url + address)
        page.mouse.move(10, 10)
        page.mouse.wheel(0, 2000)
        page.reload()
    assert page.context.cookies() == []
    assert tables(site) == before
    someone = visitor(site.public_port)
    assert someone.take_part(link).path == "/i/p_consent/"
    someone.answer({"consent": "1"})
    assert stored(site, link)[0] == {"consent": "1"}
    assert tables(site) != before  # the comparison sees a change


def tables(site: RunningSite) -> dict[str, bytes]:
    """Every row of both databases, but for sign-ins and jobs, which have nothing to do with respondents."""
    with site.connect("answers", "superuser") as answers, site.connect("default", "superuser") as panel:
        found = {straw.place: straw.content for straw in chain(of_database(answers), of_database(panel))}
    return {place: b"\n".join(sorted(content.splitlines())) for place, content in found.items()}


def test_a_restart_mid_page_loses_nothing(site: RunningSite, link: str) -> None:
    someone = on_you(site.public_port, link)
    someone.send(someone.page.form(), {"birth_year": "1985"}, ("-move", "stay"))
    form = someone.page.form()
    assert site.stop() == 0
    with pytest.raises(GONE):
        someone.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
    site.start_again()
    someone.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
    assert someone.page.path == "/i/p_end/"
    assert stored(site, link)[0].items() >= {"birth_year": "1985", "gender": "1"}.items()


def test_while_the_database_is_away_what_is_typed_comes_back_and_is_saved_afterwards(
    site: RunningSite, link: str
) -> None:
    someone = on_you(site.public_port, link)
    form = someone.page.form()
    with site.connect("answers", "superuser") as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'outrush_public'"
        connection.execute("ALTER ROLE outrush_public NOLOGIN")
        connection.execute(ended)
        someone.send(form, {"birth_year": "1985", "gender": "1"}, ("-move", "next"))
        assert (someone.page.status, someone.page.response["Retry-After"]) == (503, "60")
        assert someone.page.form().values["birth_year"] == ["1985"]
        page = someone.page
        assert someone.get(f"/w/{link}").status == 503
        connection.execute("ALTER ROLE outrush_public LOGIN")
    someone.page = page
    someone.send(page.form())
    assert (someone.page.status, someone.page.path) == (200, "/i/p_end/")
    assert stored(site, link)[0].items() >= {"birth_year": "1985", "gender": "1"}.items()


def test_no_address_and_no_browser_of_a_visitor_is_anywhere_at_rest(site: RunningSite, link: str) -> None:
    someone = visitor(site.public_port, address=ADDRESS, agent=AGENT)
    client: Any = someone.client
    for path in (f"/w/{'z' * 26}", "/nowhere", "/i/", f"/r/{'z' * 26}", "/static/nowhere"):
        client.get(path, HTTP_X_FORWARDED_FOR=FORWARDED)
    client.post("/i/p_consent/", {f"f{number}": "1" for number in range(2100)}, HTTP_X_FORWARDED_FOR=FORWARDED)
    client.send("GET", f"/w/{link}?lang=%00", None, {"HTTP_HOST": f"{AGENT}.example"})
    someone.take_part(link)
    someone.answer({"consent": "1"})
    kill_web_workers(site)  # says so in its log, and no more
    until(lambda: someone.get("/i/"))
    assert stored(site, link)[0] == {"consent": "1"}
    secrets = [ADDRESS, AGENT, FORWARDED]
    assert everywhere(site, secrets) == []
    with site.connect("answers", "superuser") as connection:
        connection.execute("CREATE TABLE planted AS SELECT %s::text AS body", [ADDRESS])
    (site.folder / "log" / "planted").write_text(f"{AGENT} {FORWARDED}")
    found = {(one.secret, Path(one.place).name) for one in everywhere(site, secrets)}
    assert found >= {(ADDRESS, "table planted"), (AGENT, "planted"), (FORWARDED, "planted")}


def everywhere(site: RunningSite, secrets: list[str]) -> list[Any]:
    socket = quote(str(site.folder / "servers" / "s" / "valkey"))
    with site.connect("default", "superuser") as panel, site.connect("answers", "superuser") as answers:
        places = (of_folder(site.folder), of_database(panel), of_database(answers), of_valkey(f"unix://{socket}"))
        return sweep(chain(*places), secrets)
