"""`make run` as its user meets it: what starts, what stays on disk, what is said when something is in the way."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from outrush_site.local.environments import plain
from outrush_site.local.surroundings import BASE_DIR
from tests.running_site import RunningSite, free_ports

pytestmark = pytest.mark.processes

GONE_SECONDS = 20


def processes_of(folder: Path) -> dict[int, str]:
    """Every process that has to do with this folder, with its command line."""
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:  # gone, or somebody else's
            continue
        if f"{folder}/" in command or f"OUTRUSH_VAR={folder}\0" in environment + "\0":
            found[int(process.name)] = command
    return found


def environment_of(site: RunningSite, *words: str) -> dict[str, str]:
    """The environment of the one process whose command line has all these words."""
    pids = [pid for pid, command in processes_of(site.folder).items() if all(word in command for word in words)]
    assert pids, f"no process with {words}"
    pairs = Path(f"/proc/{min(pids)}/environ").read_text().rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def pid_of(folder: Path, words: str) -> int:
    """The process, or the first of its group, with these words in its command line."""
    return min(pid for pid, command in processes_of(folder).items() if words in command)


def wait_until_gone(folder: Path) -> dict[int, str]:
    until = time.monotonic() + GONE_SECONDS
    while (left := processes_of(folder)) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def attempt(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Try `make run` with files in `folder`, where something is in the way."""
    ports = dict(zip(("PUBLIC", "STAFF", "MAILBOX"), map(str, free_ports(3)), strict=True))
    settings = {f"OUTRUSH_{name}_PORT": port for name, port in ports.items()}
    return subprocess.run(
        [sys.executable, "-m", "outrush_site.local", "run", "--without-example"],
        env=plain(os.environ) | settings | {"OUTRUSH_ENV": "test", "OUTRUSH_VAR": str(folder)} | environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def the_line(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line that a refused start prints."""
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("make run: ")
    return line


@pytest.fixture
def folder() -> Iterator[Path]:
    """A fresh folder inside the checkout (a socket's path must be short)."""
    path = BASE_DIR / "var" / "test" / "sites" / f"refused-{os.getpid()}"
    path.mkdir(parents=True)
    yield path
    shutil.rmtree(path)


# What runs


def test_both_web_servers_and_the_mailbox_answer(running_site: RunningSite) -> None:
    for url in (f"{running_site.public_url}/", f"{running_site.staff_url}/admin/login/", running_site.mailbox_url):
        with urllib.request.urlopen(url, timeout=20) as response:
            assert response.status == 200


def test_the_staff_server_has_no_respondents_pages_and_the_public_one_no_admin(running_site: RunningSite) -> None:
    for url in (f"{running_site.public_url}/admin/login/", f"{running_site.staff_url}/w/{'a' * 26}"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=20)
        assert refused.value.code == 404


def test_each_process_knows_only_what_its_role_needs(running_site: RunningSite) -> None:
    public = environment_of(running_site, "gunicorn", f":{running_site.public_port}")
    staff = environment_of(running_site, "gunicorn", f":{running_site.staff_port}")
    worker = environment_of(running_site, "celery", "vault")
    desk = environment_of(running_site, "celery", "desk")
    assert worker["OUTRUSH_KEY_DIR"]
    assert not {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "OUTRUSH_KEY_DIR"} & public.keys()
    assert not {"EMAIL_URL", "OUTRUSH_KEY_DIR"} & staff.keys()
    assert public["OUTRUSH_RETURN_KEY"]
    assert not any("OUTRUSH_RETURN_KEY" in role for role in (staff, worker, desk))
    assert desk["OUTRUSH_SECRET_KEY"] == staff["OUTRUSH_SECRET_KEY"]
    assert "EMAIL_URL" not in desk
    assert len({role["OUTRUSH_SECRET_KEY"] for role in (public, staff, worker)}) == 3
    assert len({role["ANSWERS_DATABASE_URL"] for role in (public, staff, worker)}) == 3


def test_the_public_process_has_no_panel_no_keys_no_broker_and_no_staff_module(running_site: RunningSite) -> None:
    environment = environment_of(running_site, "gunicorn", f":{running_site.public_port}")
    script = (
        "import json, sys, outrush_site.wsgi; from django.urls import get_resolver; get_resolver().url_patterns\n"
        "from django.conf import settings; from django.db import connections\n"
        "print(json.dumps([sorted(sys.modules), settings.DATABASES['default'], settings.REDIS_URL]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    modules, default, broker = json.loads(done.stdout.splitlines()[-1])
    packages = {"panel", "celery", "kombu", "redis", "unfold", "pyxform", "openpyxl", "smtplib"}
    loaded = {module for module in modules if module.split(".")[0] in packages}
    staff = {module for module in modules if module.startswith(("django.contrib.admin", "django.contrib.auth.models"))}
    assert "surveys.respondent.urls" in modules
    assert loaded - {"smtplib"} == set()
    assert staff == set()
    assert "surveys.admin" not in modules
    assert default.get("NAME", "") == ""
    assert broker == ""


def test_the_public_account_is_refused_the_records(running_site: RunningSite) -> None:
    with running_site.connect("answers", "owner") as connection:
        connection.execute("SELECT answers FROM surveys_record")
    with running_site.connect("answers", "public") as connection:
        connection.execute("SELECT answers FROM surveys_interview")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT answers FROM surveys_record")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        running_site.connect("default", "public")


def test_the_databases_want_a_password_and_listen_on_no_port(running_site: RunningSite) -> None:
    host = str(running_site.folder / "servers" / "s")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=host, dbname="panel", user="postgres", password="guessed")
    with running_site.connect("default", "owner") as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_what_is_on_disk_is_closed_to_other_accounts(running_site: RunningSite) -> None:
    for name in ("env", "secrets.json", "log", "keys", "tmp", "servers/postgres", "servers/s", "log/public.log"):
        mode = stat.S_IMODE((running_site.folder / name).stat().st_mode)
        assert mode & 0o077 == 0, name
    keys = [path for path in (running_site.folder / "keys" / "vault").rglob("*") if path.is_file()]
    assert keys
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_commands_beside_it_use_its_databases_and_its_clock(running_site: RunningSite) -> None:
    ask = ("shell", "--no-imports", "-c", "from outrush_site.clock import today; print(today().isoformat())")
    before = running_site.manage(*ask)
    running_site.move_clock(timedelta(days=40))
    after = running_site.manage(*ask)
    running_site.move_clock(timedelta(days=-40))
    assert before != after


def test_mails_reach_the_mailbox_and_only_its_memory(running_site: RunningSite) -> None:
    secret = "kanareika-in-a-mail@example.org"
    code = f"from django.core.mail import send_mail; send_mail('Привет', 'https://x.example/', None, ['{secret}'])"
    n_before = len(running_site.messages())
    running_site.manage("shell", "--no-imports", "-c", code)
    (mail,) = running_site.wait_for_messages(n_before + 1)[n_before:]
    assert (mail["subject"], mail["to"], mail["text"]) == ("Привет", [secret], "https://x.example/\n")
    with urllib.request.urlopen(running_site.mailbox_url, timeout=20) as response:
        page = response.read().decode()
    assert secret in page
    assert '<a href="https://x.example/"' in page
    request = urllib.request.Request(running_site.mailbox_url, headers={"Host": "attacker.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=20)


def test_no_log_names_a_visitor_or_a_path(running_site: RunningSite) -> None:
    link = "kanareikakanareikakanareika"[:26]
    request = urllib.request.Request(f"{running_site.public_url}/w/{link}", headers={"User-Agent": "canary-agent"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=20)
    with socket.create_connection(("127.0.0.1", running_site.public_port)) as connection:
        connection.sendall(f"NONSENSE {link} \r\n\r\n".encode())
        assert connection.recv(100)
    logs = {log.name: log.read_text() for log in (running_site.folder / "log").iterdir()}
    assert "Booting worker" in logs["public.log"]
    for name, text in logs.items():
        if name.endswith(("public.log", "staff.log")):
            assert not {part for part in (link, "canary-agent", "127.0.0.1") if part in text}, name


# Stopping, and starting again


def test_it_stops_everything_keeps_everything_and_starts_again(folder: Path) -> None:
    site = RunningSite(folder).start()
    site.manage("shell", "--no-imports", "-c", "from panel.models import Member; Member.objects.create()")
    password = site.staff_password
    assert len(processes_of(folder)) > 8
    assert site.stop() == 0
    assert wait_until_gone(folder) == {}

    site.start_again()
    count = site.manage("shell", "--no-imports", "-c", "from panel.models import Member; print(Member.objects.count())")
    assert count.strip() == "1"
    assert site.staff_password == password
    assert password in site.printed()

    os.kill(pid_of(folder, "outrush_site.local run"), signal.SIGKILL)
    assert wait_until_gone(folder) == {}


def test_a_worker_that_hangs_is_gone_soon_after_a_killed_supervisor(folder: Path) -> None:
    RunningSite(folder).start()
    worker = pid_of(folder, "--queues vault")
    os.killpg(worker, signal.SIGSTOP)  # neither hears what the kernel sends it nor sees its pipes close
    os.kill(pid_of(folder, "outrush_site.local run"), signal.SIGKILL)
    time.sleep(2)
    assert worker in processes_of(folder)
    assert wait_until_gone(folder) == {}


# Something in the way


def test_a_taken_port_is_named(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = the_line(attempt(folder, OUTRUSH_STAFF_PORT=str(port)))
    assert f"Port {port} can't be used (Address already in use)" in line
    assert "OUTRUSH_STAFF_PORT=9000 make run" in line
    assert processes_of(folder) == {}


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_a_port_that_is_none_is_named(folder: Path, port: str) -> None:
    assert f"OUTRUSH_PUBLIC_PORT is '{port}'" in the_line(attempt(folder, OUTRUSH_PUBLIC_PORT=port))


def test_a_second_start_beside_a_running_one_is_refused(running_site: RunningSite) -> None:
    assert "It is running already" in the_line(attempt(running_site.folder))
    assert running_site.messages() is not None


def test_a_path_too_long_for_a_socket_is_named(folder: Path) -> None:
    line = the_line(attempt(folder / ("long" * 25)))
    assert "but a socket's path may have 107" in line


def test_damaged_secrets_are_named(folder: Path) -> None:
    (folder / "secrets.json").write_text("{")
    assert "secrets.json is damaged" in the_line(attempt(folder))


def test_a_server_that_cannot_be_reached_is_named_without_its_password(folder: Path) -> None:
    url = f"postgresql://me:hidden-password@127.0.0.1:{free_ports(1)[0]}/panel"
    done = attempt(folder, DATABASE_URL=url)
    line = the_line(done)
    assert "The server of DATABASE_URL can't be used: " in line
    assert "hidden-password" not in done.stdout + done.stderr
    assert wait_until_gone(folder) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account to the servers")
def test_a_folder_that_the_servers_account_cannot_enter_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    line = the_line(attempt(closed / "var"))
    assert f"account 'nobody', which can't enter {closed}" in line


def test_where_one_process_dies_all_stop_and_the_one_is_named(running_site: RunningSite) -> None:
    """The last test of this module: it takes the site down."""
    beat = pid_of(running_site.folder, " beat ")
    os.kill(beat, signal.SIGKILL)
    assert wait_until_gone(running_site.folder) == {}
    assert "make run: The beat process has ended (exit code -9)" in running_site.printed()
    assert running_site.stop() == 1
