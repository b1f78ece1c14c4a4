from django.db import models


class ConfirmationCount(models.Model):
    """How many confirmation mails went out on a day. Only the latest day is kept.

    The confirmations themselves can't be counted: whoever answers or leaves takes theirs along.
    """

    on = models.DateField(primary_key=True)
    n_sent = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return "confirmation mails of a day"
