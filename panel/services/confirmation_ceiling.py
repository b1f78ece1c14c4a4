"""No more than so many confirmation mails a day, whoever types addresses, and however many."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from outrush_site.routers import DEFAULT
from panel.models import ConfirmationCount
from surveys.services.waves import study_date


def room_today(now: datetime) -> int:
    """How many more may be sent on this day of the study."""
    n_sent = ConfirmationCount.objects.filter(on=study_date(now)).values_list("n_sent", flat=True).first() or 0
    return max(settings.CONFIRM_MAILS - n_sent, 0)


@transaction.atomic(using=DEFAULT)
def count_sent(now: datetime) -> None:
    """One more was handed to the mail server. The count of any other day goes."""
    today = study_date(now)
    ConfirmationCount.objects.exclude(on=today).delete()
    ConfirmationCount.objects.get_or_create(on=today)
    ConfirmationCount.objects.filter(on=today).update(n_sent=F("n_sent") + 1)
