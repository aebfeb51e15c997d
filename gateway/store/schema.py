"""The tables. A column says what it holds where its name does not."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    text,
)

VERSION = 3
OLDEST = 1  # the oldest version whose program still works on this schema; it only ever grows by what is optional
# Due before any clock's now: the desk's may differ from the wall's, and a machine without a battery begins in 1970.
AT_ONCE = datetime(1969, 1, 1, tzinfo=UTC)

# What is on its way, in the words of the indexes that hold nothing else. Bare of `coalesce`, SQLite would go by the
# index on the state and sort all that waits to find the first of it.
UNSETTLED = text("coalesce(state, '') IN ('waiting', 'taken')")
UNSENT = text("coalesce(state, '') IN ('waiting', 'deferred', 'taken')")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - hook
        """UTC, naive or aware as the driver likes it; a naive value is a bug of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime: {value}")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - hook
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

originals = Table(
    "originals",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),  # byte for byte as it came; empty when it is kept at `place`
    Column("place", String),  # its name in the object store, NULL where it is here
    Index("originals_place", "place"),
)

spool = Table(
    "spool",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),  # smtp, lmtp, pipe, imap:<mailbox>
    Column("key", String, nullable=False),  # unique within the source
    Column("mail_from", String),  # "" is the null reverse-path, NULL an unknown one
    Column("rcpt_to", JSON, nullable=False),
    Column("peer", String, nullable=False),
    Column("sha256", String(64), ForeignKey("originals.sha256"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # SpoolState
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),  # when it may be taken (again)
    Column("owner", String),  # who took it last
    Column("digest", String(64)),  # of what the author sent, the way it came left out
    Column("message_id", String),
    Column("sender", String),
    Column("subject", String),
    Column("kind", String),
    Column("verdict", String),
    Column("reason", String),
    Column("ticket_id", Integer, ForeignKey("tickets.id")),
    Column("trace", JSON),
    Column("decided_at", Instant),
    Column("released_by", String),
    UniqueConstraint("source", "key"),
    Index("spool_waiting", "state", "due_at"),
    Index("spool_unsettled", "id", "due_at", sqlite_where=UNSETTLED, postgresql_where=UNSETTLED),
    Index("spool_digest", "digest"),
    Index("spool_message_id", "message_id"),
    Index("spool_content", "source", "sha256"),
    Index("spool_ticket", "ticket_id"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", String, primary_key=True),
    Column("folder", String, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),  # unsigned, 32 bits
    Column("last_uid", BigInteger, nullable=False),
    Column("era", Integer),  # how often the server has given its UIDs a second time; NULL: never
)

left = Table(
    "left_mails",
    metadata,
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),  # as the mail's would be in the spool
    Column("identity", String),  # inbound.imap.identity; NULL where it has none
    Index("left_identity", "source", "identity"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),  # another than the mail's own: its folder was renumbered, or it was moved
    Column("spool_id", Integer, ForeignKey("spool.id"), nullable=False),
)

customers = Table(
    "customers",
    metadata,
    Column("address", String, primary_key=True),  # normalised
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("surveyed_at", Instant),
)

pictures = Table(
    "pictures",
    metadata,
    Column("address", String, primary_key=True),  # normalised; whose mails show it
    Column("sha256", String(64), primary_key=True),
    Column("spool_id", Integer, ForeignKey("spool.id"), nullable=False),  # the first of them
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("reference", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("state", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("customer_address", String, nullable=False),  # as written; mail goes there
    Column("customer_name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("assignee", String, nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("postponed_until", Instant),
    Column("linked_to", Integer, ForeignKey("tickets.id")),
    Column("is_quiet", Boolean, nullable=False),  # no automatic mail to its customer
    Index("tickets_state", "state", "changed_at"),
    Index("tickets_customer", "customer_address"),
)

participants = Table(
    "participants",
    metadata,
    Column("ticket_id", Integer, ForeignKey("tickets.id"), primary_key=True),
    Column("address", String, primary_key=True),  # normalised
    Column("name", String, nullable=False),
    Index("participants_address", "address"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("author_name", String, nullable=False),
    Column("author_address", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("full", Text, nullable=False),
    Column("message_id", String, nullable=False),
    Column("spool_id", Integer, ForeignKey("spool.id")),
    Index("articles_ticket", "ticket_id", "id"),
)

message_ids = Table(
    "message_ids",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), primary_key=True),
    Column("origin", String, nullable=False),  # Origin: own, received, mentioned
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("what", String, nullable=False),
    Column("why", String, nullable=False),
    Column("before", String),
    Column("after", String),
    Column("spool_id", Integer, ForeignKey("spool.id")),
    Index("events_ticket", "ticket_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("ticket_id", Integer, ForeignKey("tickets.id")),
    Column("notice", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # OutboxState
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Instant, nullable=False),
    Column("owner", String),  # who took it last
    Column("message_id", String),  # these three are frozen at the first attempt
    Column("mail_from", String),
    Column("raw", LargeBinary),
    Column("subject", String),
    Column("reason", String),  # why it is deferred or held
    Column("sent_at", Instant),
    Index("outbox_waiting", "state", "due_at"),
    Index("outbox_unsent", "due_at", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    Index("outbox_ticket", "ticket_id"),
    Index("outbox_message_id", "message_id"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("outbox_id", Integer, ForeignKey("outbox.id"), primary_key=True),
    Column("address", String, primary_key=True),
    Column("state", String, nullable=False),  # waiting, sent, held, undelivered
    Column("reply", String, nullable=False, default=""),  # what the server said last
    Column("at", Instant),
)
Index("recipients_address", func.lower(recipients.c.address))

timers = Table(
    "timers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_id", Integer, ForeignKey("tickets.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("cycle", Integer, nullable=False, default=1),  # how often it has been set anew
    Column("done_at", Instant),
    UniqueConstraint("ticket_id", "kind", "stage"),
    Index("timers_due", "done_at", "due_at"),
)

surveys = Table(
    "surveys",
    metadata,
    Column("ticket_id", Integer, ForeignKey("tickets.id"), primary_key=True),
    Column("sent_at", Instant, nullable=False),
    Column("rating", Integer),
    Column("comment", Text, nullable=False, default=""),
    Column("rated_at", Instant),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),  # AlarmKind
    Column("key", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("spool_ids", JSON, nullable=False),  # the first mails it is about
    Column("told_at", Instant),
    Column("closed_at", Instant),
)
_open = alarms.c.closed_at.is_(None)
Index("alarms_open", alarms.c.kind, alarms.c.key, unique=True, sqlite_where=_open, postgresql_where=_open)

budgets = Table(
    "budgets",
    metadata,
    Column("key", String, primary_key=True),  # tickets.budget.Bucket.key
    Column("level", Float, nullable=False),
    Column("at", Instant, nullable=False),
    Column("full_at", Instant, nullable=False),  # from then on the row says nothing
    Index("budgets_full", "full_at"),
)

withheld = Table(
    "withheld",
    metadata,
    Column("agent", String, primary_key=True),
    Column("queue", String, primary_key=True),
    Column("mails", Integer, nullable=False),  # of which he was not told one by one
    Column("since", Instant, nullable=False),
    Column("tickets", JSON, nullable=False),  # the first of their ids
)

correspondents = Table(
    "correspondents",
    metadata,
    Column("address", String, primary_key=True),  # normalised, without detail
    Column("exchanges", JSON, nullable=False),  # the newest mails between him and us
    Column("proven_at", Instant),  # when he first showed that he receives our mail
    Column("strikes", Integer, nullable=False),
    Column("quiet_until", Instant),
    Column("looped", String, nullable=False),  # the words his machine repeated
    Column("idle_at", Instant),  # from then on the row says nothing; NULL when it always will
    Index("correspondents_idle", "idle_at"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address", String, primary_key=True),  # normalised
    Column("fault", String, nullable=False),  # Fault
    Column("score", Float, nullable=False),  # at the instant `at`
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    Column("status", String, nullable=False),
    Column("said", String, nullable=False),
    Index("suppressions_until", "until", "at"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("id", String, primary_key=True),  # of one run of one daemon
    Column("name", String, nullable=False),
    Column("place", String, nullable=False),  # where only one of them can run at a time
    Column("roles", String, nullable=False),
    Column("entered", Float, nullable=False),  # these by the database's clock, in seconds
    Column("seen", Float, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),  # of what only one node does at a time
    Column("owner", String, nullable=False),  # a node's id
    Column("until", Float, nullable=False),
    Index("leases_owner", "owner"),
)
