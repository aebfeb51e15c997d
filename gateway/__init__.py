"""An email-to-ticket gateway: support mailboxes become a help desk whose whole interface is e-mail.

The way of a message, read downwards; a room imports only from rooms below it::

    cli/         the `gateway` command, one module a group of subcommands
    daemon/      composition root: builds every room from Config, supervises; reads the clock
    config/      TOML -> frozen Config, all faults at once
    schedule     the table of periodic jobs
    inbound/     MAIL COMES IN            smtp, imap, pipe -> accept -> spool
    desk/        SOMETHING HAPPENS        triage by mail, upkeep by the clock, agent by hand, reconcile
    outbound/    MAIL GOES OUT            outbox -> render -> delivery -> smarthost
    web/         the page of surveys, health and metrics; off unless configured
    store/       what we remember         all SQL is here; store.ledger is the proof that nothing is lost
    tickets/     what a ticket is         pure: lifecycle, evidence, follow-up, disposition, notices
    mail/        what mail is             pure: parse, reply text, automatic mail, tokens, compose
    errors       temporary, permanent, configuration

In, desk and out never call each other: they meet at two durable queues, the spool and the outbox. Every trip is a
sandwich: read all, decide (pure), write all in one transaction. We say 250, or touch an IMAP flag, only after commit.
"""

__version__ = "0.1.0"
