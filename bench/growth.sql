-- Tickets of past years, made within the database: :tickets of them, five articles each.
CREATE TEMP TABLE numbers AS
    WITH RECURSIVE counted (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM counted WHERE n < :tickets * 5)
    SELECT n,
        (n - 1) / 5 + 1 AS ticket,
        lower(printf('%08x', (n * 2654435761) % 4294967296)) AS code,
        printf('%064x', n * 2654435761) AS digest,
        strftime('%Y-%m-%d %H:%M:%f000', 1500000000 + n * 60, 'unixepoch') AS at
    FROM counted;

INSERT INTO customers (address, name, language)
    SELECT 'customer-' || n || '@old.example', 'Old Customer', 'en' FROM numbers WHERE n <= :tickets / 3;

INSERT INTO tickets (id, code, reference, queue, state, subject, customer_address, customer_name, language, assignee,
        created_at, changed_at, is_quiet)
    SELECT n, code, 'SUP-' || upper(substr(code, 1, 4) || '-' || substr(code, 5)), 'support',
        CASE WHEN n % 10 THEN 'closed' ELSE 'answered' END, 'Order ' || n || ' has not arrived',
        'customer-' || (n % (:tickets / 3)) || '@old.example', 'Old Customer', 'en', '', at, at, 0
    FROM numbers WHERE n <= :tickets;

INSERT INTO originals (sha256, size, raw) SELECT digest, 200, zeroblob(200) FROM numbers;

INSERT INTO spool (id, source, key, mail_from, rcpt_to, peer, sha256, received_at, state, attempts, due_at, digest,
        message_id, sender, subject, kind, verdict, reason, ticket_id, trace, decided_at)
    SELECT n, 'smtp', printf('%032x', n), 'customer@old.example', '["support@desk.example"]', '192.0.2.1', digest, at,
        'done', 1, at, digest, n || '@old.example', 'customer@old.example', 'Order', 'request', 'joined', 'made up',
        ticket, '["made up"]', at
    FROM numbers;

INSERT INTO articles (ticket_id, kind, author_name, author_address, at, text, "full", message_id, spool_id)
    SELECT ticket, CASE WHEN n % 2 THEN 'customer' ELSE 'agent' END, 'Old Customer', 'customer@old.example', at,
        'Two weeks ago we ordered three keyboards and only two of them were in the box. The tracking page is silent.',
        'Two weeks ago we ordered three keyboards and only two of them were in the box. The tracking page is silent.',
        n || '@old.example', n
    FROM numbers;

INSERT INTO message_ids (message_id, ticket_id, origin) SELECT n || '@old.example', ticket, 'received' FROM numbers;

INSERT INTO events (ticket_id, at, actor, what, why, spool_id)
    SELECT ticket, at, 'customer@old.example', 'customer-wrote', 'made up', n FROM numbers;

INSERT INTO outbox (id, "key", kind, ticket_id, notice, created_at, state, attempts, due_at, message_id, sent_at)
    SELECT n, 'old:' || n, 'reply', ticket, '{}', at, 'sent', 1, at, n || '@desk.example', at FROM numbers;

INSERT INTO recipients (outbox_id, address, state, reply, at)
    SELECT n, 'customer-' || (n % (:tickets / 3)) || '@old.example', 'sent', '250 2.0.0 ok', at FROM numbers;

INSERT INTO timers (ticket_id, kind, stage, due_at, cycle, done_at)
    SELECT n, 'reminder', 1, '2999-01-01 00:00:00.000000', 1, CASE WHEN n % 10 THEN at END
    FROM numbers WHERE n <= :tickets;

DROP TABLE temp.numbers;
