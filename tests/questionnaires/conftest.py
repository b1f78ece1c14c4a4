import pytest

from surveys.instrument.authoring import compile_workbook
from surveys.management import sources
from surveys.services import versions


@pytest.fixture
def compiled_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile in this process: for tests of what comes after, which needn't wait for a process each time."""
    monkeypatch.setattr(versions, "compile_confined", compile_workbook)
    monkeypatch.setattr(sources, "compile_confined", compile_workbook)
