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

  -- Which body each transmission carried, for providers whose signature does not bind the body (PayPal).
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
  `,
];
