"""Each test of the mailbox runs before both servers, unless it asks for one of them."""

import itertools

import pytest

from tests.inbound.imap.account import Account
from tests.inbound.imap.meddler import Meddler

_NUMBERS = itertools.count()


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def account(request) -> Account:
    server = request.getfixturevalue(request.param)
    if request.param == "pymap":
        return Account(server.port, server.user, server.password)
    user = f"imap{next(_NUMBERS)}"
    server.add_user(user)
    return Account(server.port, user)


@pytest.fixture
def meddler(account):
    with Meddler(account.port) as meddler:
        yield meddler
