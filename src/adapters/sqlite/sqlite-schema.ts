/** The tables of the local home, as numbered migrations. A migration that was released is never edited. */

/** Marks the file as ours (`PRAGMA application_id`): "PayH". */
export const APPLICATION_ID = 0x50617948;

/** Applied in order; `PRAGMA user_version` counts the ones that were. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One row for each provider event. Rows are appended in order of arrival, so that receiving costs the same however
  -- many there are; the only index over random values is the key.
  CREATE TABLE payment_webhooks (
    position        INTEGER PRIMARY KEY,
    webhook_id      TEXT    NOT NULL,
    timestamp       INTEGER NOT NULL,
    provider        TEXT    NOT NULL,
    event_type      TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('received', 'retrying', 'processed', 'ignored', 'dead_lettered')),
    mode            TEXT    NOT NULL CHECK (mode IN ('live', 'test', 'unknown')),
    account         TEXT,
    object_id       TEXT,
    payload_key_id  TEXT    NOT NULL,
    payload         BLOB    NOT NULL,
    payload_bytes   INTEGER NOT NULL,
    body_sha256     TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    trace_id        TEXT    NOT NULL,
    details         TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    last_error      TEXT,
    next_attempt_at INTEGER,
    changed_at      INTEGER NOT NULL,
    changed_by      TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    audit_position  INTEGER NOT NULL,
    audit_seq       INTEGER NOT NULL,
    audit_hash      TEXT    NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX webhooks_by_key ON payment_webhooks (webhook_id, timestamp);
  CREATE INDEX webhooks_by_received_at ON payment_webhooks (received_at);
  CREATE INDEX webhooks_by_provider ON payment_webhooks (provider, received_at);
  -- Processed webhooks are nearly all of them: an index over them would only cost.
  CREATE INDEX webhooks_by_status ON payment_webhooks (status, received_at) WHERE status <> 'processed';

  -- Work that waits. due_at is when the entry may be claimed: a claim moves it to the end of the lease. claim_number is
  -- 0 until the first claim, then drawn at random by each one: an entry that left and came back never repeats a number.
  CREATE TABLE queue (
    webhook_position INTEGER PRIMARY KEY REFERENCES payment_webhooks (position),
    due_at           INTEGER NOT NULL,
    enqueued_at      INTEGER NOT NULL,
    claim_number     INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX queue_by_due_at ON queue (due_at);

  -- Which body each transmission carried, for providers whose signature does not bind the body.
  CREATE TABLE transmissions (
    provider        TEXT NOT NULL,
    transmission_id TEXT NOT NULL,
    body_sha256     TEXT NOT NULL,
    PRIMARY KEY (provider, transmission_id)
  ) STRICT, WITHOUT ROWID;

  -- Append-only. previous_position leads to the entry before in the same chain.
  CREATE TABLE audit_entries (
    position          INTEGER PRIMARY KEY,
    chain_id          TEXT NOT NULL,
    text              TEXT NOT NULL,
    hash              TEXT NOT NULL,
    previous_position INTEGER
  ) STRICT;
  -- The last entries of chains that belong to no webhook.
  CREATE TABLE audit_chains (
    chain_id TEXT    PRIMARY KEY,
    position INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    hash     TEXT    NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit_digests (
    number         INTEGER PRIMARY KEY,
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    entry_hashes   TEXT    NOT NULL,
    previous_hash  TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    hash           TEXT    NOT NULL,
    key_id         TEXT    NOT NULL,
    signature      TEXT    NOT NULL
  ) STRICT;

  CREATE TABLE data_keys (
    key_id     TEXT    PRIMARY KEY,
    wrapped    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  -- Written now and then, to learn whether the disk still takes writes.
  CREATE TABLE write_probe (id INTEGER PRIMARY KEY CHECK (id = 1), probed_at INTEGER NOT NULL) STRICT;
  `,
  `
  -- What processing has done so far; null while it has done nothing.
  ALTER TABLE payment_webhooks ADD COLUMN effects TEXT;

  -- A payment is the set of its events; status is kept for lists only.
  CREATE TABLE payments (
    position   INTEGER PRIMARY KEY,
    provider   TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    payment_id TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    stored_at  INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT;
  -- A list of a rare provider or status reads every row here: a fifth of a second for a million, in the command's process.
  CREATE INDEX payments_by_stored_at ON payments (stored_at);
  -- Every id that names a payment: order, capture, charge.
  CREATE TABLE payment_names (
    name_id          TEXT    NOT NULL,
    provider         TEXT    NOT NULL,
    account          TEXT    NOT NULL,
    payment_position INTEGER NOT NULL,
    PRIMARY KEY (name_id, provider, account)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE payment_events (
    payment_position INTEGER NOT NULL,
    event_id         TEXT    NOT NULL,
    event            TEXT    NOT NULL,
    is_stale         INTEGER NOT NULL,
    is_news          INTEGER NOT NULL,
    PRIMARY KEY (payment_position, event_id)
  ) STRICT, WITHOUT ROWID;

  -- One row for each event and destination. due_at and claim_number as in queue; claim_number is 0 while nobody has it.
  CREATE TABLE destination_entries (
    webhook_position INTEGER NOT NULL REFERENCES payment_webhooks (position),
    event_number     INTEGER NOT NULL,
    destination      TEXT    NOT NULL,
    is_news          INTEGER NOT NULL,
    state            TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    failures         INTEGER NOT NULL,
    last_error       TEXT,
    enqueued_at      INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL,
    due_at           INTEGER NOT NULL,
    claim_number     INTEGER NOT NULL,
    PRIMARY KEY (webhook_position, event_number, destination)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX destination_entries_waiting
    ON destination_entries (destination, enqueued_at, webhook_position, event_number, due_at) WHERE state = 'waiting';
  CREATE INDEX destination_entries_given_up ON destination_entries (destination) WHERE state = 'given_up';
  `,
  `
  -- Claims since the entry was put on the queue: far more of them than attempts mean that whoever claims it dies.
  ALTER TABLE queue ADD COLUMN claimed_times INTEGER NOT NULL DEFAULT 0;

  -- One word for what is_stale and is_news said.
  ALTER TABLE payment_events ADD COLUMN news TEXT NOT NULL DEFAULT 'news' CHECK (news IN ('news', 'repeated', 'stale'));
  UPDATE payment_events SET news = CASE WHEN is_stale = 1 THEN 'stale' ELSE 'repeated' END
    WHERE is_stale = 1 OR is_news = 0;
  ALTER TABLE payment_events DROP COLUMN is_stale;
  ALTER TABLE payment_events DROP COLUMN is_news;
  ALTER TABLE destination_entries ADD COLUMN news TEXT NOT NULL DEFAULT 'news'
    CHECK (news IN ('news', 'repeated', 'stale'));
  UPDATE destination_entries SET news = 'repeated' WHERE is_news = 0;
  ALTER TABLE destination_entries DROP COLUMN is_news;
  `,
  `
  -- Which key files belong to this data. Of each purpose the last one is in use; a retired one is not needed any more.
  -- first_digest: of an audit key, the first digest that it may sign.
  CREATE TABLE key_files (
    number       INTEGER PRIMARY KEY,
    purpose      TEXT    NOT NULL CHECK (purpose IN ('payload', 'audit', 'destination')),
    file         TEXT    NOT NULL UNIQUE,
    fingerprint  TEXT    NOT NULL,
    bound_at     INTEGER NOT NULL,
    retired_at   INTEGER,
    first_digest INTEGER
  ) STRICT;
  -- The fingerprint of the payload key; null where none is known that opens it.
  ALTER TABLE data_keys ADD COLUMN wrapped_by TEXT;

  -- Codes that only the home's key makes: see sqlite-row-macs.ts.
  ALTER TABLE queue ADD COLUMN mac TEXT;
  ALTER TABLE transmissions ADD COLUMN mac TEXT;
  ALTER TABLE audit_chains ADD COLUMN mac TEXT;
  ALTER TABLE audit_entries ADD COLUMN mac TEXT;
  ALTER TABLE data_keys ADD COLUMN mac TEXT;
  ALTER TABLE payments ADD COLUMN mac TEXT;
  ALTER TABLE payment_names ADD COLUMN mac TEXT;
  ALTER TABLE payment_events ADD COLUMN mac TEXT;
  ALTER TABLE destination_entries ADD COLUMN mac TEXT;
  ALTER TABLE key_files ADD COLUMN mac TEXT;
  `,
  `
  -- Payloads stand apart: a change of a webhook writes its row anew, and would write the payload with it. What was received
  -- never changes, and the first entry of its chain has the hash.
  CREATE TABLE webhook_payloads (
    webhook_position INTEGER PRIMARY KEY REFERENCES payment_webhooks (position),
    payload          BLOB    NOT NULL
  ) STRICT;
  INSERT INTO webhook_payloads (webhook_position, payload)
    SELECT position, payload FROM payment_webhooks ORDER BY position;
  ALTER TABLE payment_webhooks DROP COLUMN payload;

  -- A list of one provider goes through webhooks_by_received_at from its end: each delivery paid for an index that only a
  -- list of a rare provider gained from.
  DROP INDEX webhooks_by_provider;
  `,
  `
  -- What is known of invoices, subscriptions and the like: see payments/subject.ts.
  CREATE TABLE payment_subjects (
    kind       TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    provider   TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    record     TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    mac        TEXT,
    PRIMARY KEY (kind, subject_id, provider, account)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- The rejected box: one row a place, in a table that no genuine delivery touches. What is in it vouches for itself: it is
  -- sealed, and verified again before anything comes of it.
  CREATE TABLE rejected_deliveries (
    place          TEXT    PRIMARY KEY,
    id             TEXT    NOT NULL,
    provider       TEXT    NOT NULL,
    rejected_at    INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    accepted_at    INTEGER,
    summary        TEXT    NOT NULL,
    payload_key_id TEXT    NOT NULL,
    payload        BLOB    NOT NULL
  ) STRICT;
  CREATE INDEX rejected_by_rejected_at ON rejected_deliveries (rejected_at);
  CREATE INDEX rejected_by_expires_at ON rejected_deliveries (expires_at);
  `,
  `
  -- What payments add up to, computed of their events and kept for sums over many; null in rows of before. Amounts are text:
  -- they may be larger than an integer.
  ALTER TABLE payments ADD COLUMN mode TEXT;
  ALTER TABLE payments ADD COLUMN currency TEXT;
  ALTER TABLE payments ADD COLUMN exponent INTEGER;
  ALTER TABLE payments ADD COLUMN amount TEXT;
  ALTER TABLE payments ADD COLUMN captured TEXT;
  `,
  `
  -- Actions on many webhooks at once: a row for each, and one for each of its parts.
  CREATE TABLE jobs (
    id           TEXT    PRIMARY KEY,
    requested_at INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    expires_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    text         TEXT    NOT NULL,
    mac          TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_by_requested_at ON jobs (requested_at);
  CREATE INDEX jobs_by_expires_at ON jobs (expires_at);
  CREATE TABLE job_parts (
    job_id   TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    mac      TEXT,
    PRIMARY KEY (job_id, number)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How far each list of events of a provider was reconciled. Whoever sets one forward hides what a provider lists from the
  -- runs to come: payhook reconcile --since asks again.
  CREATE TABLE reconcile_checkpoints (
    source     TEXT    PRIMARY KEY,
    checkpoint TEXT    NOT NULL,
    revision   INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- With row ids: rows as large as these fill a tree without them to a fifth with inner nodes, which nearly every new row
  -- writes anew.
  CREATE TABLE payment_events_with_row_ids (
    payment_position INTEGER NOT NULL,
    event_id         TEXT    NOT NULL,
    event            TEXT    NOT NULL,
    news             TEXT    NOT NULL DEFAULT 'news' CHECK (news IN ('news', 'repeated', 'stale')),
    mac              TEXT,
    PRIMARY KEY (payment_position, event_id)
  ) STRICT;
  INSERT INTO payment_events_with_row_ids (payment_position, event_id, event, news, mac)
    SELECT payment_position, event_id, event, news, mac FROM payment_events ORDER BY payment_position, event_id;
  DROP TABLE payment_events;
  ALTER TABLE payment_events_with_row_ids RENAME TO payment_events;
  `,
  `
  -- Retention. A webhook that was removed because its time had ended leaves the end of its chain here until its entries go,
  -- so that one that somebody else removed shows.
  CREATE TABLE webhook_tombstones (
    chain_id     TEXT    NOT NULL,
    end_hash     TEXT    NOT NULL,
    end_position INTEGER NOT NULL,
    removed_at   INTEGER NOT NULL,
    mac          TEXT,
    PRIMARY KEY (chain_id, end_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_tombstones_by_end ON webhook_tombstones (end_position);
  -- The last digest of what was removed of the trail, signed; no row while all of it is there.
  CREATE TABLE trail_start (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    digest_number INTEGER NOT NULL,
    digest_hash   TEXT    NOT NULL,
    last_position INTEGER NOT NULL,
    removed_at    INTEGER NOT NULL,
    key_id        TEXT    NOT NULL,
    signature     TEXT    NOT NULL
  ) STRICT;
  -- What must stay beyond its time. A payment is held under one of its names.
  CREATE TABLE legal_holds (
    kind     TEXT    NOT NULL CHECK (kind IN ('webhook', 'payment')),
    id       TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    held_at  INTEGER NOT NULL,
    held_by  TEXT    NOT NULL,
    mac      TEXT,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What was learnt of how long providers are silent. Whoever edits it keeps an alert from being raised, or raises one.
  CREATE TABLE silence (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    text     TEXT    NOT NULL,
    revision INTEGER NOT NULL
  ) STRICT;
  `,
];
