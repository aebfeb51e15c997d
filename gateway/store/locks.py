"""Keeps two nodes from deciding about the same thing at once. SQLite needs none of it: it has one writer at a time.

Who waits for another's rows while that one waits for his has to be broken off and to begin anew: the database does so
after a second, and every duty tries again. So that it stays an accident, all take hold of things in one order:

1. the names of mails (`hold`, `try_to_hold`), once and sorted;
2. the rows of spool or outbox that were taken, and whom those were to serve;
3. tickets – where all are known beforehand, by number – and then their timers and customers;
4. suppressions, sorted, and alarms about addresses and agents;
5. correspondents and then budgets, sorted, which everybody needs, so that they come last of all;
6. what is counted for agents, sorted, and alarms about loops and budgets.

Mails that are triaged together take their tickets in runs of such as have nothing to do with each other, for each is
decided on by what those before it have done. Two nodes can therefore still meet in a circle; who is broken off settles
each of his mails for itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

IS_WRITING = "gateway_is_writing"
"""The execution option of a connection whose transaction may change things."""

_KEYS = func.unnest(bindparam("keys", type_=ARRAY(BigInteger))).column_valued("key")
_HOLD = select(func.pg_advisory_xact_lock(_KEYS))
_TRY = select(_KEYS, func.pg_try_advisory_xact_lock(_KEYS).label("is_ours"))


def hold(db: Connection, names: Iterable[str]) -> None:
    """Whoever wants one of these names too waits until our transaction ends. To be called once in it, and first.

    They are asked for in one order by everybody, so that nobody waits in a circle.
    """
    keys = sorted({_key(name) for name in names})
    if keys and db.dialect.name == "postgresql":
        db.execute(_HOLD, {"keys": keys})


def try_to_hold(db: Connection, groups: Sequence[Collection[str]]) -> list[bool]:
    """Of each group of names whether all of them are ours until the transaction ends. Nobody is waited for.

    A group that shares a name with an earlier one that is not ours is not ours either: they keep their order.
    """
    keys = [{_key(name) for name in names} for names in groups]
    wanted = sorted(set().union(*keys))
    if not wanted or db.dialect.name != "postgresql":
        return [True] * len(groups)
    others = {row.key for row in db.execute(_TRY, {"keys": wanted}) if not row.is_ours}
    are_ours = []
    for group in keys:
        is_ours = group.isdisjoint(others)
        if not is_ours:
            others |= group
        are_ours.append(is_ours)
    return are_ours


@dataclass(frozen=True, slots=True)
class Query:
    """A look at rows which are ours until the transaction ends, if that may change things."""

    reading: Select[Any]
    writing: Select[Any]

    def on(self, db: Connection) -> Select[Any]:
        """The statement for this connection's transaction."""
        return self.writing if db.get_execution_options().get(IS_WRITING) else self.reading


def ours(query: Select[Any], table: Table) -> Query:
    """`query`, which takes hold of the rows of `table`. Others may add rows that belong to them all the same."""
    return Query(query, query.with_for_update(of=table, key_share=True))


def _key(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)
