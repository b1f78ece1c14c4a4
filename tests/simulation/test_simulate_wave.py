"""Simulated respondents over real HTTP: from the mailbox to the last page."""

import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from outrush_site import clock
from outrush_site.local.mailbox import Mailbox, web_server
from panel.services import simulate_wave as simulation
from panel.services.import_panel import import_panel
from panel.services.open_wave import open_wave
from panel.services.send_due import send_due
from panel.services.simulate_wave import Simulated, simulate_wave
from surveys.example import workbook as example
from surveys.models import Interview, Record
from surveys.refusals import Refused
from surveys.selectors.due import WaveFacts
from surveys.services.versions import import_version
from tests.builders import workbook
from tests.instrument.test_hubs import HOMES, TOWNS
from tests.running_site import free_ports

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper
    from pytest_django.live_server_helper import LiveServer

N_MEMBERS = 10


@pytest.fixture
def mails(mailbox: Mailbox) -> Iterator[str]:
    """The address of the development mailbox."""
    (port,) = free_ports(1)
    server = web_server(mailbox, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def invited(live_server: "LiveServer", key_folder: Path, mails: str, settings: "SettingsWrapper") -> str:
    """A wave of the example questionnaire in the field, ten members invited; the address of their mailbox."""
    settings.PUBLIC_URL = live_server.url
    _invite(example("w2023").read_bytes())
    return mails


def _invite(data: bytes) -> None:
    at, today = clock.now(), clock.today()
    rows = "".join(f"m{number}@example.org,en,UTC,GEO,friends,\n" for number in range(N_MEMBERS))
    file = io.BytesIO(("email,language,timezone,country,source,external_id\n" + rows).encode())
    import_panel(file=file, by="tests", at=at)
    assert import_version(slug="w2023", data=data, filename="w2023.xlsx", by="tests", at=at, publish=True).version
    midnight = clock.now().time().replace(hour=0, minute=0)
    open_wave(
        slug="w2023", questionnaire="w2023", opens_on=today, closes_on=today, invite_at=midnight, by="tests", at=at
    )
    assert send_due(now=clock.now()).n_sent == N_MEMBERS


def simulate(mailbox: str, **options: object) -> Simulated:
    return simulate_wave(**({"wave": "w2023", "n_members": 8, "seed": 4, "mailbox": mailbox} | options))


def outcomes() -> Counter[str]:
    return Counter(Interview.objects.values_list("outcome_code", flat=True))


def test_members_answer_break_off_or_keep_silent(invited: str) -> None:
    done = simulate(invited, break_off=0.25, silent=0.25)
    assert done == Simulated(8, 8, n_completed=4, n_broken_off=2, n_silent=2, problems={})
    assert outcomes() == {"1.1": 4, "": 6}
    assert Counter(Interview.objects.values_list("state", flat=True)) == {
        "ended": 4,
        "in_progress": 2,
        "not_started": 4,
    }
    for record in Record.objects.all():
        assert record.answers["consent"] == "1"
        assert record.answers["recontact"] in {"1", "2"}
        assert record.answers["country"]


def test_members_add_entries_on_hubs_and_fill_their_pages(
    live_server: "LiveServer", key_folder: Path, mails: str, settings: "SettingsWrapper"
) -> None:
    settings.PUBLIC_URL = live_server.url
    _invite(workbook(HOMES, TOWNS))
    done = simulate(mails, break_off=0, silent=0)
    assert done == Simulated(8, 8, n_completed=8, n_broken_off=0, n_silent=0, problems={})
    entries = [home for record in Record.objects.all() for home in record.answers.get("home", ())]
    assert entries
    assert all(home["town"] in {"tbs", "evn"} for home in entries)


def test_who_has_finished_is_not_asked_again_and_a_lack_of_links_is_told(invited: str) -> None:
    assert simulate(invited, break_off=0, silent=0).n_completed == 8
    again = simulate(invited, break_off=0, silent=0)
    assert (again.n_wanted, again.n_chosen, again.n_completed) == (8, 2, 2)
    assert outcomes() == {"1.1": N_MEMBERS}


def test_the_command_prints_the_counts(invited: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("simulate_wave", "w2023", "--members", "2", "--silent", "0.5", "--mailbox", invited, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "n_wanted": 2,
        "n_chosen": 2,
        "n_completed": 1,
        "n_broken_off": 0,
        "n_silent": 1,
        "problems": {},
    }


def test_links_to_another_machine_are_not_followed(invited: str, mailbox: Mailbox) -> None:
    for message in mailbox._messages:
        message["text"] = message["text"].replace("http://localhost", "http://example.org")
    with pytest.raises(Refused, match="Only this machine is contacted"):
        simulate(invited)
    assert outcomes() == {"": N_MEMBERS}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"mailbox": "http://mail.example.org/"}, "Only this machine is contacted"),
        ({"mailbox": "http://127.0.0.1:9/"}, "Nobody answers at 127.0.0.1:9"),
        ({"silent": 0.7, "break_off": 0.4}, "together too"),
    ],
)
def test_what_can_not_be_simulated_is_refused(
    options: dict[str, object], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.today()
    facts = WaveFacts("w2023", 1, "w2023@1", today, today, is_closed=False, link_epoch=1)
    monkeypatch.setattr(simulation, "wave_facts", lambda slug: facts)
    with pytest.raises(Refused, match=reason):
        simulate(**({"mailbox": "http://127.0.0.1:9/"} | options))


@pytest.mark.django_db
def test_the_command_refuses_in_one_line() -> None:
    with pytest.raises(CommandError, match="There is no wave nothing"):
        call_command("simulate_wave", "nothing", "--members", "1")
