CREATE TABLE alarms (
    id SERIAL NOT NULL,
    kind VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    times INTEGER NOT NULL,
    spool_ids JSON NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX alarms_open ON alarms (kind, key) WHERE closed_at IS NULL;
CREATE TABLE budgets (
    key VARCHAR NOT NULL,
    level FLOAT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    full_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (key)
);
CREATE INDEX budgets_full ON budgets (full_at);
CREATE TABLE correspondents (
    address VARCHAR NOT NULL,
    exchanges JSON NOT NULL,
    proven_at TIMESTAMP WITH TIME ZONE,
    strikes INTEGER NOT NULL,
    quiet_until TIMESTAMP WITH TIME ZONE,
    looped VARCHAR NOT NULL,
    idle_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (address)
);
CREATE INDEX correspondents_idle ON correspondents (idle_at);
CREATE TABLE customers (
    address VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    surveyed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (address)
);
CREATE TABLE leases (
    name VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    until FLOAT NOT NULL,
    PRIMARY KEY (name)
);
CREATE INDEX leases_owner ON leases (owner);
CREATE TABLE mailboxes (
    name VARCHAR NOT NULL,
    folder VARCHAR NOT NULL,
    uidvalidity BIGINT NOT NULL,
    last_uid BIGINT NOT NULL,
    PRIMARY KEY (name, folder)
);
CREATE TABLE meta (
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE nodes (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    roles VARCHAR NOT NULL,
    entered FLOAT NOT NULL,
    seen FLOAT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE originals (
    sha256 VARCHAR(64) NOT NULL,
    size INTEGER NOT NULL,
    raw BYTEA NOT NULL,
    place VARCHAR,
    PRIMARY KEY (sha256)
);
CREATE INDEX originals_place ON originals (place);
CREATE TABLE suppressions (
    address VARCHAR NOT NULL,
    fault VARCHAR NOT NULL,
    score FLOAT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    status VARCHAR NOT NULL,
    said VARCHAR NOT NULL,
    PRIMARY KEY (address)
);
CREATE INDEX suppressions_until ON suppressions (until, at);
CREATE TABLE tickets (
    id SERIAL NOT NULL,
    code VARCHAR(8) NOT NULL,
    reference VARCHAR NOT NULL,
    queue VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    customer_address VARCHAR NOT NULL,
    customer_name VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    assignee VARCHAR NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    postponed_until TIMESTAMP WITH TIME ZONE,
    linked_to INTEGER,
    is_quiet BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (code),
    FOREIGN KEY(linked_to) REFERENCES tickets (id)
);
CREATE INDEX tickets_customer ON tickets (customer_address);
CREATE INDEX tickets_state ON tickets (state, changed_at);
CREATE TABLE withheld (
    agent VARCHAR NOT NULL,
    queue VARCHAR NOT NULL,
    mails INTEGER NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    tickets JSON NOT NULL,
    PRIMARY KEY (agent, queue)
);
CREATE TABLE message_ids (
    message_id VARCHAR NOT NULL,
    ticket_id INTEGER NOT NULL,
    origin VARCHAR NOT NULL,
    PRIMARY KEY (message_id, ticket_id),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE TABLE outbox (
    id SERIAL NOT NULL,
    key VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    ticket_id INTEGER,
    notice JSON NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    owner VARCHAR,
    message_id VARCHAR,
    mail_from VARCHAR,
    raw BYTEA,
    subject VARCHAR,
    reason VARCHAR,
    sent_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    UNIQUE (key),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE INDEX outbox_message_id ON outbox (message_id);
CREATE INDEX outbox_ticket ON outbox (ticket_id);
CREATE INDEX outbox_unsent ON outbox (due_at, id) WHERE coalesce(state, '') IN ('waiting', 'deferred', 'taken');
CREATE INDEX outbox_waiting ON outbox (state, due_at);
CREATE TABLE participants (
    ticket_id INTEGER NOT NULL,
    address VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (ticket_id, address),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE INDEX participants_address ON participants (address);
CREATE TABLE spool (
    id SERIAL NOT NULL,
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    mail_from VARCHAR,
    rcpt_to JSON NOT NULL,
    peer VARCHAR NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    owner VARCHAR,
    digest VARCHAR(64),
    message_id VARCHAR,
    sender VARCHAR,
    subject VARCHAR,
    kind VARCHAR,
    verdict VARCHAR,
    reason VARCHAR,
    ticket_id INTEGER,
    trace JSON,
    decided_at TIMESTAMP WITH TIME ZONE,
    released_by VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (source, key),
    FOREIGN KEY(sha256) REFERENCES originals (sha256),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE INDEX spool_content ON spool (source, sha256);
CREATE INDEX spool_digest ON spool (digest);
CREATE INDEX spool_message_id ON spool (message_id);
CREATE INDEX spool_ticket ON spool (ticket_id);
CREATE INDEX spool_unsettled ON spool (id, due_at) WHERE coalesce(state, '') IN ('waiting', 'taken');
CREATE INDEX spool_waiting ON spool (state, due_at);
CREATE TABLE surveys (
    ticket_id INTEGER NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rating INTEGER,
    comment TEXT NOT NULL,
    rated_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (ticket_id),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE TABLE timers (
    id SERIAL NOT NULL,
    ticket_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    stage INTEGER NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cycle INTEGER NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    UNIQUE (ticket_id, kind, stage),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
CREATE INDEX timers_due ON timers (done_at, due_at);
CREATE TABLE articles (
    id SERIAL NOT NULL,
    ticket_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    author_name VARCHAR NOT NULL,
    author_address VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    text TEXT NOT NULL,
    "full" TEXT NOT NULL,
    message_id VARCHAR NOT NULL,
    spool_id INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id),
    FOREIGN KEY(spool_id) REFERENCES spool (id)
);
CREATE INDEX articles_ticket ON articles (ticket_id, id);
CREATE TABLE events (
    id SERIAL NOT NULL,
    ticket_id INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR,
    spool_id INTEGER,
    PRIMARY KEY (id),
    FOREIGN KEY(ticket_id) REFERENCES tickets (id),
    FOREIGN KEY(spool_id) REFERENCES spool (id)
);
CREATE INDEX events_ticket ON events (ticket_id, id);
CREATE TABLE pictures (
    address VARCHAR NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    spool_id INTEGER NOT NULL,
    PRIMARY KEY (address, sha256),
    FOREIGN KEY(spool_id) REFERENCES spool (id)
);
CREATE TABLE recipients (
    outbox_id INTEGER NOT NULL,
    address VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    reply VARCHAR NOT NULL,
    at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (outbox_id, address),
    FOREIGN KEY(outbox_id) REFERENCES outbox (id)
);
CREATE INDEX recipients_address ON recipients (lower(address));
CREATE TABLE sightings (
    source VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    spool_id INTEGER NOT NULL,
    PRIMARY KEY (source, key),
    FOREIGN KEY(spool_id) REFERENCES spool (id)
);
