from hypothesis import given
from hypothesis import strategies as st

from gateway.daemon.shares import Plan, Sight, plan

NAMES = [f"box {number}" for number in range(12)]


def test_who_is_alone_takes_everything():
    assert plan(Sight("a", ("x", "y"), {}, ("a",))) == Plan((), (), ("x", "y"), (), 2)
    assert plan(Sight("a", ("x", "y"), {}, ())).room == 2, "nobody need have seen it"


def test_who_has_more_than_his_share_gives_the_last_up():
    sight = Sight("a", ("x", "y", "z"), dict.fromkeys("xyz", "a"), ("a", "b"))
    assert plan(sight) == Plan(("x", "y"), ("z",), (), (), 0)


def test_who_has_less_takes_what_is_free():
    sight = Sight("b", ("x", "y", "z"), {"x": "a", "y": "a"}, ("a", "b"))
    assert plan(sight) == Plan((), (), ("z",), (), 2)


def test_what_nobody_else_wants_is_taken_and_kept_by_who_has_enough():
    sight = Sight("a", ("x", "y", "z"), {"x": "a", "y": "a"}, ("a", "b"), strays=("z",))
    assert plan(sight) == Plan(("x", "y"), (), (), ("z",), 0)
    sight = Sight("a", ("x", "y", "z"), dict.fromkeys("xyz", "a"), ("a", "b"), strays=("y",))
    assert plan(sight) == Plan(("x", "y", "z"), (), (), (), 0)


def test_nothing_wanted_nothing_done():
    assert plan(Sight("a", (), {"x": "a"}, ("a",))) == Plan((), (), (), (), 0)


@given(st.integers(1, 12), st.integers(1, 6), st.lists(st.sampled_from([*"abcdef", ""]), min_size=12, max_size=12))
def test_from_any_beginning_it_is_even_after_a_few_looks_and_stays_so(boxes, nodes, owners):
    """`owners`: who holds each at first, among them some that are gone, whose leases have run out."""
    names, there = NAMES[:boxes], "abcdef"[:nodes]
    holders = {name: owner for name, owner in zip(names, owners, strict=False) if owner in there and owner}
    seen = []
    for _ in range(6):
        for me in there:
            mine = plan(Sight(me, names, holders, there))
            for name in mine.give:
                del holders[name]
            holders.update(dict.fromkeys(mine.free[: mine.room], me))
        seen.append(dict(holders))
    assert holders.keys() == {*names}, "each is read"
    assert all(list(holders.values()).count(each) <= -(-boxes // nodes) for each in there)
    assert seen[-1] == seen[-2]
