"""Records that their respondents asked to have erased."""

from django.db import transaction

from outrush_site.routers import ANSWERS
from surveys.models import Record


@transaction.atomic(using=ANSWERS)
def purge_marked() -> int:
    """Delete every record marked for erasure; returns how many. The public tier can only mark, never delete."""
    n_deleted, _ = Record.objects.filter(is_erase_marked=True).delete()
    return n_deleted
