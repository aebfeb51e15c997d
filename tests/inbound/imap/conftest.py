"""Each test of the mailbox runs before both servers, unless it asks for one of them."""

import itertools

import pytest

from tests.inbound.imap.account import Account
from tests.inbound.imap.meddler import Meddler

_NUMBERS = itertools.count()


@pytest.fixture
def on_pymap(pymap) -> Account:
    return Account(pymap.port, pymap.user, pymap.password)


@pytest.fixture
def on_dovecot(dovecot) -> Account:
    """For tests marked `dovecot`."""
    user = f"imap{next(_NUMBERS)}"
    dovecot.add_user(user)
    return Account(dovecot.port, user)


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def account(request) -> Account:
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture
def meddler(account):
    with Meddler(account.port) as meddler:
        yield meddler
