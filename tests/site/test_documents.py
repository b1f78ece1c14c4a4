"""What the documents point at is there."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
DOCUMENTS = [*TOP.glob("*.md"), *TOP.glob("docs/**/*.md")]
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_CITED = re.compile(r"`((?:tests|surveys|panel|outrush_site|templates|docs)/[\w./*-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    text = document.read_text()
    named = [document.parent / link for link in _LINK.findall(text)] + [TOP / path for path in _CITED.findall(text)]
    missing = [str(path) for path in named if not any(path.parent.glob(path.name or "*"))]
    assert missing == []


def test_the_documents_do_name_files() -> None:
    assert len(DOCUMENTS) >= 8
    assert _CITED.findall((TOP / "SECURITY.md").read_text())
