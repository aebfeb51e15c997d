"""What we remember. All SQL is here; nothing here decides, sends or knows a template."""

from gateway.store import customers, mailboxes, outbox, spool, surveys, tickets, timers

__all__ = ["customers", "mailboxes", "outbox", "spool", "surveys", "tickets", "timers"]
