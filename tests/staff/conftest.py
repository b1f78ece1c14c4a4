import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.questionnaires.conftest import compiled_here  # noqa: F401  (uploads are compiled in this process)
from tests.staff.study import Study, make_study

HOST = {"HTTP_HOST": "127.0.0.1"}


@pytest.fixture
def study(db: None) -> Study:
    return make_study()


@pytest.fixture
def anna(db: None) -> Client:
    """A superuser's browser."""
    client = Client(**HOST)
    client.force_login(User.objects.create_superuser("anna"))
    return client


@pytest.fixture
def nosy(db: None) -> Client:
    """The browser of someone on the staff without any right."""
    client = Client(**HOST)
    client.force_login(User.objects.create_user("nosy", is_staff=True))
    return client


@pytest.fixture
def stranger() -> Client:
    return Client(**HOST)
