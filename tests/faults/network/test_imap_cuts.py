"""The line to an IMAP server cut at every octet of a session: nothing lost, nothing twice, every step once."""

import pytest

from gateway.inbound.settings import After
from tests.faults import extent
from tests.faults.network.proxy import Act, Cut, Fault, HalfClose, Way
from tests.faults.network.tally import places

_ACTS: dict[str, Act] = {"RST": Cut(reset=True), "FIN": Cut(), "half-close": HalfClose()}
_STEPS = {After.FLAG: "flagged", After.MOVE: "moved", After.DELETE: "deleted"}


def _cut(bench, tally, after, number):
    lengths = bench.lengths(after)
    for way in Way:
        for turn, place in enumerate(places(lengths[way], number), [*After].index(after)):
            # With the three steps every octet has its turn of every act.
            name = list(_ACTS)[turn % 3]
            fault = Fault(way, _ACTS[name], at=place)
            seen = bench.run(after, fault, is_restarted=turn % 2 > 0, timeout_seconds=2.0)
            whose = "our" if way is Way.TO_SERVER else "the server's"
            title = f"IMAP: {name} in {whose} words, mail is {_STEPS[after]}"
            tally.add(title, place, lost=seen.lost, doubled=seen.doubled + seen.untaken)
    assert not bench.lacked


@pytest.mark.parametrize("after", list(After))
def test_cut_anywhere(bench, tally, after):
    _cut(bench, tally, after, extent.of(5, 100_000))


@pytest.mark.long_run
@pytest.mark.parametrize("server", ["pymap"], indirect=True)
def test_cut_anywhere_before_another_server(bench, tally):
    """Each session takes a second, for pymap hashes passwords with care."""
    _cut(bench, tally, After.MOVE, 100)
