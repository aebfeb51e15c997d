"""By hand: what a person at the command line may do to held mail, and what he may not."""

import pytest

from gateway import store
from gateway.desk import agent
from gateway.errors import PermanentError
from gateway.store.spool import SpoolState
from gateway.tickets.model import OutboxId, SpoolId
from tests.builders import mail


@pytest.fixture
def held(office):
    spooled = office.receive(mail("", subject=""))
    assert spooled.state is SpoolState.HELD
    return spooled


def test_released_mail_goes_through_triage_again_and_says_by_whom(office, held):
    agent.release(office.database, held.id, "admin", office.clock)
    assert office.mail(held.id).state is SpoolState.WAITING
    office.triage.run_once()
    assert (office.mail(held.id).verdict, office.mail(held.id).released_by) == ("opened", "admin")


def test_dropped_mail_has_no_effect(office, held):
    agent.drop(office.database, held.id, "admin", office.clock)
    assert office.triage.run_once() == 0
    assert (office.mail(held.id).state, office.tickets()) == (SpoolState.DROPPED, ())


@pytest.mark.parametrize("deed", [agent.release, agent.drop])
def test_what_is_not_held_cannot_be_released_or_dropped(office, deed):
    done = office.receive(mail(message_id="first@customer.test"))
    for spool_id in (done.id, SpoolId(99)):
        with pytest.raises(PermanentError, match=rf"mail {spool_id} is not held; `gateway held list` shows what is"):
            deed(office.database, spool_id, "admin", office.clock)
    assert office.mail(done.id) == done


def test_an_outgoing_mail_that_is_held_is_tried_again_and_no_other(office):
    office.receive(mail())
    first, second, *_ = office.outbox()
    with office.database.write() as db:
        store.outbox.hold(db, first.id, "550 no")
    agent.retry(office.database, first.id)
    assert office.outbox()[0].state == "waiting"
    for outbox_id in (second.id, OutboxId(99)):
        with pytest.raises(PermanentError, match="neither held nor deferred"):
            agent.retry(office.database, outbox_id)
