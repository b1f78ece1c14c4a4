"""Sending what is due: requests first, then claims, then mails, each state committed before the next act."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from panel.contactplan.tries import BARRED_FOR, MAX_DEAD_IN_A_ROW, Verdict
from panel.models import Confirmation, Contact, ContactPlan
from panel.services import claims
from panel.services.batches import batches
from panel.services.claims import Claim
from panel.services.confirmation_ceiling import count_sent, room_today
from panel.services.keyring import key_folder, open_vault
from panel.services.mails import Letter, MailKind, compose
from panel.services.post import Handed, Post
from panel.services.take_requests import RequestCounts, take_requests
from panel.vault.keys import Vault
from panel.vault.links import make_confirm_link, make_link, make_message_id, make_stop_link
from panel.vault.seals import ContactDetails, SealBroken, SealedToAnotherKey, unseal_contact
from surveys.sealing import KeyUnusable
from surveys.selectors.due import WaveFacts, wave_facts
from surveys.services.waves import study_date

log = logging.getLogger(__name__)

#: A run ends itself before beat's next but one; what is left is taken then.
RUN_FOR = timedelta(seconds=100)


@dataclass(slots=True)
class SendCounts:
    """What one run did. `is_stopped`: it gave up early, out of time or because the mail server took nobody's mail."""

    n_sent: int = 0
    n_failed: int = 0
    n_put_off: int = 0
    n_unknown: int = 0
    n_reclaimed: int = 0
    is_stopped: bool = False
    requests: RequestCounts = field(default_factory=RequestCounts)


class _Run:
    """One run: its time, which is the moment it was started for, moving on as it works, and what it must remember.

    `dead` are the claims whose addresses the mail server has just called dead, one after the other.
    """

    def __init__(self, started_for: datetime) -> None:
        self.dead: list[Claim] = []
        self._started_for = started_for
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self._started_for + timedelta(seconds=time.monotonic() - self._began)

    def is_over(self) -> bool:
        return self.now() - self._started_for > RUN_FOR


@dataclass(frozen=True)
class _Mailing:
    """What all mails of a wave share."""

    vault: Vault
    wave: WaveFacts
    link_key: bytes = field(repr=False)


#: What a claim's mail says, at a moment.
Write = Callable[[Claim, datetime], Letter]


def send_due(*, now: datetime) -> SendCounts:
    """Send every mail that is due and not yet sent, each at most once. Safe to run twice, and at the same time.

    Raises Refused where the keys can't be used.
    """
    vault = open_vault()
    run = _Run(now)
    counts = SendCounts()
    counts.n_unknown, counts.n_reclaimed = claims.sweep(now)
    counts.requests.add(take_requests(vault=vault, at=run.now()))
    if counts.requests.n_left:
        log.error(
            "%d requests stay in the inbox: request.key is not the key they were sealed to", counts.requests.n_left
        )
    for slug in ContactPlan.objects.filter(is_paused=False, closed_at=None).values_list("wave", flat=True):
        mailing = _mailing(vault, slug, now)
        if mailing and not counts.is_stopped:
            _send_wave(mailing, run, counts)
    if not counts.is_stopped:
        _send_confirmations(vault, run, counts)
    return counts


def _mailing(vault: Vault, slug: str, now: datetime) -> _Mailing | None:
    """None where the wave is not in the field today, or its link key is gone."""
    wave = wave_facts(slug)
    if wave is None or not wave.is_in_field(study_date(now)):
        return None
    try:
        return _Mailing(vault, wave, key_folder().link_key(slug))
    except KeyUnusable as error:
        log.error("no mail can be sent for wave %s: %s", slug, error)
        return None


def _send_wave(mailing: _Mailing, run: _Run, counts: SendCounts) -> None:
    slug = mailing.wave.slug
    for batch in batches(claims.waiting_attempts(slug, run.now()), claims.BATCH):
        counts.is_stopped |= run.is_over()
        if counts.is_stopped:
            return
        counts.requests.add(take_requests(vault=mailing.vault, at=run.now()))
        taken, n_broken = claims.claim_batch(mailing.vault, slug, batch, run.now())
        counts.n_failed += n_broken
        _send_claims(partial(_letter, mailing), taken, run, counts)


def _send_confirmations(vault: Vault, run: _Run, counts: SendCounts) -> None:
    """Ask those who have opted in whether the address is theirs, so many a day."""
    for batch in batches(claims.waiting_confirmations(run.now()), claims.BATCH):
        counts.is_stopped |= run.is_over()
        if counts.is_stopped:
            return
        room = room_today(run.now())
        if not room:
            log.warning("%d confirmation mails were sent today; the others wait for tomorrow", settings.CONFIRM_MAILS)
            return
        counts.requests.add(take_requests(vault=vault, at=run.now()))
        taken = claims.claim_confirmations(batch[:room], run.now())
        _send_claims(partial(_confirmation_letter, vault), taken, run, counts)


def _send_claims(write: Write, taken: Sequence[Claim], run: _Run, counts: SendCounts) -> None:
    """Send a batch over one connection; what can't be sent now goes back to the queue."""
    _hand_over(write, taken, run, counts)
    _believe_dead(run, counts)


def _hand_over(write: Write, taken: Sequence[Claim], run: _Run, counts: SendCounts) -> None:
    with Post() as post:
        for position, claim in enumerate(taken):
            mail = _written(write, claim, run, counts)
            if mail is None:
                continue
            if run.is_over() or not post.is_ready():
                counts.is_stopped = True
            elif claims.begin_sending(claim):
                _settle(claim, post.hand_over(mail), run, counts)
            if counts.is_stopped:
                claims.release(taken[position:])
                return


def _written(write: Write, claim: Claim, run: _Run, counts: SendCounts) -> EmailMultiAlternatives | None:
    """The claim's mail, already serialised once, so that whatever is wrong with it shows before it is handed over."""
    try:
        mail = compose(write(claim, run.now()))
        mail.message().as_bytes()
    except (SealBroken, Contact.DoesNotExist, Confirmation.DoesNotExist):
        claims.mark_failed(claim)
        counts.n_failed += 1
    except SealedToAnotherKey:
        raise
    except Exception as error:
        log.error("a mail could not be written: %s", type(error).__name__)
        _put_off(claim, run, counts)
    else:
        return mail
    return None


def _letter(mailing: _Mailing, claim: Claim, now: datetime) -> Letter:
    vault, wave = mailing.vault, mailing.wave
    assert claim.kind is not None
    assert claim.respondent_key is not None
    details = _details(vault, claim)
    return Letter(
        kind=MailKind(claim.kind),
        address=details.email,
        language=details.language,
        link=make_link(mailing.link_key, wave.slug, claim.respondent_key, wave.link_epoch),
        stop_link=make_stop_link(vault.stop, claim.member_id),
        message_id=make_message_id(vault.stop, claim.attempt_id),
        closes_on=wave.closes_on,
        at=now,
    )


def _confirmation_letter(vault: Vault, claim: Claim, now: datetime) -> Letter:
    details = _details(vault, claim)
    return Letter(
        kind=MailKind.CONFIRMATION,
        address=details.email,
        language=details.language,
        link=make_confirm_link(vault.stop, claim.member_id),
        stop_link=make_stop_link(vault.stop, claim.member_id),
        message_id=make_message_id(vault.stop, claim.attempt_id),
        closes_on=Confirmation.objects.values_list("ends_on", flat=True).get(pk=claim.attempt_id),
        at=now,
    )


def _details(vault: Vault, claim: Claim) -> ContactDetails:
    sealed = Contact.objects.values_list("sealed", flat=True).get(pk=claim.member_id)
    return unseal_contact(vault.contact, claim.member_id, bytes(sealed))


def _settle(claim: Claim, answer: Handed | Verdict, run: _Run, counts: SendCounts) -> None:
    """Write down what the mail server said.

    Anybody may have typed the address of a confirmation, so there a dead one is believed at once, however many there
    are, and a refusal by policy counts as a try: else strangers' addresses would be tried for as long as they are kept.
    """
    is_confirmation = claim.queue is Confirmation
    if answer is Verdict.ADDRESS_DEAD and not is_confirmation:
        _suspect_dead(claim, run, counts)
        return
    _believe_dead(run, counts)
    if is_confirmation and isinstance(answer, Handed):
        count_sent(run.now())
    match answer:
        case Handed.TAKEN:
            claims.mark_sent(claim)
            counts.n_sent += 1
        case Handed.UNKNOWN:
            # The next mail might meet the same: rather one unknown a minute than a panel of them.
            claims.mark_unknown(claim)
            counts.n_unknown += 1
            counts.is_stopped = True
        case Verdict.REFUSED | Verdict.ADDRESS_DEAD:
            claims.mark_failed(claim)
            counts.n_failed += 1
        case Verdict.LATER:
            _put_off(claim, run, counts)
        case Verdict.BARRED:
            log.error("the mail server refuses by policy to pass on a mail; the run stops: look at its settings")
            if is_confirmation:
                _put_off(claim, run, counts)
            else:
                claims.hold([claim], run.now() + BARRED_FOR)
            counts.is_stopped = True
        case Verdict.ALL_LATER:
            counts.is_stopped = True


def _suspect_dead(claim: Claim, run: _Run, counts: SendCounts) -> None:
    """One more address in a row that the mail server calls dead. Of too many nothing is believed, and the run stops."""
    run.dead.append(claim)
    if len(run.dead) < MAX_DEAD_IN_A_ROW:
        return
    log.error("the mail server called %d addresses in a row dead; none is believed and the run stops", len(run.dead))
    claims.hold(run.dead, run.now() + BARRED_FOR)
    run.dead.clear()
    counts.is_stopped = True


def _believe_dead(run: _Run, counts: SendCounts) -> None:
    """They were few: whoever they belong to is unreachable."""
    for claim in run.dead:
        claims.mark_failed(claim, is_address_dead=True)
    counts.n_failed += len(run.dead)
    run.dead.clear()


def _put_off(claim: Claim, run: _Run, counts: SendCounts) -> None:
    if claims.put_off(claim, run.now()):
        counts.n_put_off += 1
    else:
        counts.n_failed += 1
