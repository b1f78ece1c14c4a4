"""What every command does on the command line."""

import subprocess
import sys

from outrush_site.local.surroundings import BASE_DIR


def test_a_command_whose_reader_has_gone_ends_without_a_word() -> None:
    command = [sys.executable, "manage.py", "check_questionnaire", "surveys/example/w2024.xlsx"]
    process = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()  # as `| head` does once it has its lines
    assert process.stderr.read() == b""
    assert process.wait() == 141
