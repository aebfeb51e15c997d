"""How we talk to PostgreSQL where it differs from SQLite: sessions, transactions, text. It holds no table."""

from typing import Any

NAME = "postgresql"

_IDLE_SECONDS = 8  # a node that is paused within a transaction must not keep its rows from the others
_LOCK_SECONDS = 10  # somebody else works on it for so long: the caller tries again later
_SESSION = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# Until its rows have been counted, PostgreSQL takes thousands of waiting mails for a few; where it also takes pages out
# of their order for dear, as on a turning disk, it then fetches and sorts all of them to find the first.
_PLANNING = {"random_page_cost": "1.1"}
_WRITER = _PLANNING | {
    "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
    "lock_timeout": f"{_LOCK_SECONDS}s",
}


def _connection(session: dict[str, str]) -> dict[str, Any]:
    """Psycopg's arguments for a connection that finds out within seconds that the other side is gone, at either end."""
    return {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "gateway",
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
    }


WRITING: dict[str, Any] = {
    "connect_args": _connection(_SESSION | _WRITER),
    "pool_pre_ping": True,
    "isolation_level": "READ COMMITTED",
}
READING: dict[str, Any] = {
    "connect_args": _connection(_SESSION),
    "pool_pre_ping": True,
    "isolation_level": "REPEATABLE READ",  # one snapshot: what a reader sees does not change under his eyes
    "execution_options": {"postgresql_readonly": True},
}
LISTENING: dict[str, Any] = {"connect_args": _connection(_SESSION), "isolation_level": "AUTOCOMMIT"}


def configure(connection: Any, _record: object) -> None:
    """Readies a new connection of psycopg: PostgreSQL has no NUL in text, so mail that has is kept with U+FFFD."""
    from psycopg.types.string import StrDumperUnknown

    class Dumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", "\N{REPLACEMENT CHARACTER}"))

    connection.adapters.register_dumper(str, Dumper)
