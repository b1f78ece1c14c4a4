"""The worker's keys, where the settings say they lie."""

from django.conf import settings

from panel.vault.keys import KeyFolder, Vault
from surveys.refusals import Refused
from surveys.sealing import KeyUnusable


def require_worker() -> None:
    """Raises Refused under a role that has neither the private keys nor the rights in both databases."""
    if not settings.MAY_UNSEAL:
        raise Refused("role.worker", "Only the worker has the keys and rights for this: OUTRUSH_ROLE=worker.")


def key_folder() -> KeyFolder:
    """The key folder. Raises Refused under a role that may not unseal."""
    require_worker()
    return KeyFolder(private=settings.PRIVATE_KEY_DIR, public=settings.PUBLIC_KEY_DIR)


def open_vault() -> Vault:
    """Every key that is not a wave's. Raises Refused, naming the file that is missing or unusable."""
    try:
        return key_folder().open()
    except KeyUnusable as error:
        raise Refused("keys.unusable", f"{error} New keys are made with: manage.py make_keys") from None
