/** Tampering with the database by hand, in every way that comes to mind: `payhook audit verify` must name it. */
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import {
  createTestFolder,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let original: TestFolder;

/** Two runs of the server: at least two digests, three webhooks, rejections, two starts. */
beforeAll(async () => {
  original = createTestFolder();
  const { sign } = await createSigner(Date.now());
  for (const round of [1, 2]) {
    await using server = await startLocalServer({ folder: original, env: SECRET_ENV });
    for (const name of ['a', 'b', 'c'])
      await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${round}${name}`), { now: Date.now() }));
    await post(server.url, 'stripe', { body: Buffer.from('{}'), headers: {} });
    await waitUntil('all are processed', () => readStored(original.data).queued === 0);
  }
});

afterAll(() => original[Symbol.dispose]());

const run = (folder: TestFolder, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, { env: SECRET_ENV }));

const copy = (): TestFolder => {
  const folder = createTestFolder();
  cpSync(original.data, folder.data, { recursive: true });
  return folder;
};

const tamper = (folder: TestFolder, change: (db: DatabaseSync) => void): void => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { enableForeignKeyConstraints: false });
  change(db);
};

const positionOf = (db: DatabaseSync, chain: string, event: string): number =>
  Number(
    db
      .prepare(`SELECT position FROM audit_entries WHERE chain_id LIKE ? AND text LIKE ? ORDER BY position LIMIT 1`)
      .get(`${chain}%`, `%"event":"${event}"%`)?.position,
  );

const VICTIM = 'stripe:evt_1b@';

const edits: readonly [string, (db: DatabaseSync) => void, string][] = [
  [
    'an entry is edited',
    (db) =>
      db
        .prepare(`UPDATE audit_entries SET text = replace(text, 'success', 'failure') WHERE position = ?`)
        .run(positionOf(db, VICTIM, 'STATUS_CHANGED')),
    'edited',
  ],
  [
    'an entry is edited and its hash computed anew',
    (db) => {
      const position = positionOf(db, VICTIM, 'STATUS_CHANGED');
      const text = String(db.prepare('SELECT text FROM audit_entries WHERE position = ?').get(position)?.text).replace(
        '"success"',
        '"failure"',
      );
      db.prepare('UPDATE audit_entries SET text = ?, hash = ? WHERE position = ?').run(text, sha256(text), position);
    },
    'edited',
  ],
  [
    'an entry is given to another chain',
    (db) =>
      db
        .prepare(`UPDATE audit_entries SET chain_id = 'home' WHERE position = ?`)
        .run(positionOf(db, VICTIM, 'STATUS_CHANGED')),
    'edited',
  ],
  [
    'one entry is removed',
    (db) => db.prepare('DELETE FROM audit_entries WHERE position = ?').run(positionOf(db, VICTIM, 'STATUS_CHANGED')),
    'removed',
  ],
  [
    'one entry is removed and the rest moved up',
    (db) => {
      const position = positionOf(db, VICTIM, 'STATUS_CHANGED');
      db.prepare('DELETE FROM audit_entries WHERE position = ?').run(position);
      db.prepare('UPDATE audit_entries SET position = -position WHERE position > ?').run(position);
      db.exec('UPDATE audit_entries SET position = -position - 1 WHERE position < 0');
    },
    'removed',
  ],
  [
    'a webhook is removed with its whole chain',
    (db) => {
      db.exec(`DELETE FROM audit_entries WHERE chain_id LIKE '${VICTIM}%'`);
      db.exec(`DELETE FROM payment_webhooks WHERE webhook_id = 'stripe:evt_1b'`);
    },
    'removed',
  ],
  [
    'two entries change places',
    (db) => {
      const [first, second] = [positionOf(db, VICTIM, 'WEBHOOK_ACCEPTED'), positionOf(db, VICTIM, 'STATUS_CHANGED')];
      db.prepare('UPDATE audit_entries SET position = -1 WHERE position = ?').run(first);
      db.prepare('UPDATE audit_entries SET position = ? WHERE position = ?').run(first, second);
      db.prepare('UPDATE audit_entries SET position = ? WHERE position = -1').run(second);
    },
    'reordered',
  ],
  [
    'the end is cut off with its digests',
    (db) => {
      db.exec('DELETE FROM audit_digests WHERE number = (SELECT max(number) FROM audit_digests)');
      db.exec('DELETE FROM audit_entries WHERE position > (SELECT max(last_position) FROM audit_digests)');
    },
    'truncated',
  ],
  [
    'everything is cut off',
    (db) =>
      db.exec(
        'DELETE FROM audit_digests; DELETE FROM audit_entries; DELETE FROM audit_chains; DELETE FROM payment_webhooks; DELETE FROM queue;',
      ),
    'truncated',
  ],
  [
    'a digest is edited',
    (db) => db.exec('UPDATE audit_digests SET created_at = created_at + 1 WHERE number = 1'),
    'digest_forged',
  ],
  [
    'a digest is edited and its hash computed anew',
    (db) => {
      const d = db.prepare('SELECT * FROM audit_digests WHERE number = 1').get() ?? {};
      const createdAt = Number(d.created_at) + 1;
      const hash = sha256(
        JSON.stringify([1, d.first_position, d.last_position, d.entry_hashes, d.previous_hash, createdAt]),
      );
      db.prepare('UPDATE audit_digests SET created_at = ?, hash = ? WHERE number = 1').run(createdAt, hash);
    },
    'digest_forged',
  ],
  ['a digest is removed', (db) => db.exec('DELETE FROM audit_digests WHERE number = 1'), 'digest_missing'],
  [
    'the newest digest is removed',
    (db) => db.exec('DELETE FROM audit_digests WHERE number = (SELECT max(number) FROM audit_digests)'),
    'truncated',
  ],
];

describe('payhook audit verify', () => {
  test('ends with 0 on a trail that is whole, in words and as one object', async () => {
    using folder = copy();

    const text = await run(folder, 'audit', 'verify');
    const json = await run(folder, 'audit', 'verify', '--json');

    expect([text.code, text.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^the audit trail is whole: \d+ entries, \d+ signed digests?\n6 stored webhooks are as the trail says\nlast digest, to be kept elsewhere: \d+:[0-9a-f]{64}\n$/,
      ),
    ]);
    expect(jsonLines(json)).toEqual([
      {
        outcome: 'whole',
        entries: readStored(folder.data).entries.length,
        digests: expect.any(Number),
        undigested: 0,
        webhooks: 6,
        begins: null,
        webhooksOfBefore: 0,
        lastDigest: { number: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ]);
  });

  test.each(edits)('notices that %s', async (_what, change, kind) => {
    using folder = copy();
    tamper(folder, change);

    const json = await run(folder, 'audit', 'verify', '--json');
    const text = await run(folder, 'audit', 'verify');

    expect([json.code, jsonLines(json)]).toEqual([
      1,
      [
        expect.objectContaining({
          outcome: 'broken',
          entries: expect.any(Number),
          digests: expect.any(Number),
          problems: expect.arrayContaining([expect.objectContaining({ kind })]),
        }),
      ],
    ]);
    expect([text.code, text.stdout]).toEqual([
      1,
      expect.stringMatching(/^the audit trail is BROKEN: .+\n(?:and: .+\n)*checked \d+ entries/),
    ]);
  });

  test.each([
    ['of a webhook', ['webhooks', 'replay', 'stripe:evt_2c']],
    ['of an operator', ['webhooks', 'show', 'stripe:evt_2c', '--payload', '--reason', 'ticket 4711']],
  ])('notices that the newest entry %s is gone, before any digest covers it', async (_what, command) => {
    using folder = copy();
    expect((await run(folder, ...command)).code).toBe(0);
    expect(jsonLines(await run(folder, 'audit', 'verify', '--json'))).toMatchObject([
      { outcome: 'whole', undigested: 1 },
    ]);

    tamper(folder, (db) =>
      db.exec('DELETE FROM audit_entries WHERE position = (SELECT max(position) FROM audit_entries)'),
    );

    const ran = await run(folder, 'audit', 'verify', '--json');
    expect([ran.code, jsonLines(ran)[0]?.problem]).toEqual([1, expect.objectContaining({ kind: 'truncated' })]);
  });

  test('covers what was appended meanwhile after the next start', async () => {
    using folder = copy();
    await run(folder, 'webhooks', 'show', 'stripe:evt_2c', '--payload', '--reason', 'ticket 4711');
    const server = await startLocalServer({ folder, env: SECRET_ENV });
    await server.running.stop('done');

    expect(jsonLines(await run(folder, 'audit', 'verify', '--json'))).toMatchObject([
      { outcome: 'whole', undigested: 0 },
    ]);
  });
});

describe('payhook audit show', () => {
  test('shows the trail of one webhook, oldest first', async () => {
    const ran = await run(original, 'audit', 'show', 'stripe:evt_1a');

    const [header, first, second] = ran.stdout.split('\n');
    expect(ran.code).toBe(0);
    expect(header).toMatch(/^# +TIME +EVENT +OUTCOME +ACTOR +RESOURCE +CHANGE$/);
    expect(first).toMatch(/WEBHOOK_ACCEPTED +success +provider:stripe +stripe:evt_1a +new → received$/);
    expect(second).toMatch(/STATUS_CHANGED +success +component:processor +stripe:evt_1a +received → processed$/);
  });

  test('shows the newest entries of all as one object a line', async () => {
    const lines = jsonLines(await run(original, 'audit', 'show', '--limit', '3', '--json'));

    expect(lines).toHaveLength(3);
    for (const { state: _, received: __, ...line } of lines) {
      expect(Object.keys(line)).toEqual([
        'position',
        'v',
        'chain',
        'seq',
        'prevHash',
        'ts',
        'actor',
        'event',
        'outcome',
        'reason',
        'origin',
        'resource',
        'change',
        'count',
        'hash',
        'cursor',
      ]);
    }
    expect(lines.map((line) => line.event)).toContain('HOME_STOPPED');
  });

  test('goes on behind a cursor, says that there is more, and is CSV when asked', async () => {
    const [first, second] = jsonLines(await run(original, 'audit', 'show', '--limit', '2', '--json'));
    const ran = await run(
      original,
      'audit',
      'show',
      '--limit',
      '1',
      '--after',
      String(first?.cursor),
      '--format',
      'csv',
    );
    const [names, ...rows] = ran.stdout.trimEnd().split('\n');

    expect(names).toMatch(/^position,v,chain,.*,cursor$/);
    expect(rows).toEqual([expect.stringMatching(new RegExp(`^${second?.position},`))]);
    expect(ran.stderr).toContain(`there is more: --after ${second?.cursor}`);
    expect((await run(original, 'audit', 'show', '--since', '2h', '--until', '3h')).code).toBe(2);
    expect((await run(original, 'audit', 'show', 'stripe:evt_1a', '--since', '2h')).code).toBe(2);
  });

  test('finds entries by event, actor, chain and object, as many of each as are asked for', async () => {
    using folder = copy();
    await run(folder, 'webhooks', 'show', 'stripe:evt_1b', '--payload', '--reason', 'ticket 4711');
    const shown = async (...args: string[]) =>
      jsonLines(await run(folder, 'audit', 'show', ...args, '--json')).map(({ event, resource, actor }) => [
        event,
        (resource as { id: string }).id,
        (actor as { type: string }).type,
      ]);
    const accepted = ['WEBHOOK_ACCEPTED', 'stripe:evt_1b', 'provider'];
    const read = ['PAYLOAD_READ', 'stripe:evt_1b', 'operator'];
    const processed = ['STATUS_CHANGED', 'stripe:evt_1b', 'component'];

    expect(await shown('--object', 'webhook:stripe:evt_1b')).toEqual([read, processed, accepted]);
    expect(await shown('--object', 'payment:pi_evt_1b', '--event', 'PAYLOAD_READ,WEBHOOK_ACCEPTED')).toEqual([
      read,
      accepted,
    ]);
    expect(await shown('--event', 'HOME_STARTED')).toHaveLength(2);
    expect(await shown('--actor', 'operator:*')).toEqual([read]);
    expect(await shown('--chain', 'operators')).toEqual([read]);
    expect(await shown('--object', 'delivery:stripe', '--event', 'REJECTED_SIGNATURE')).toHaveLength(2);
  });

  test.each<[readonly string[], number, RegExp]>([
    [['--event', 'HOME_STRATED'], 2, /HOME_STRATED is no event of the trail: there are WEBHOOK_ACCEPTED, /],
    [
      ['--actor', 'opertor:ada'],
      2,
      /opertor:ada is nobody who acts: give provider:<id>, component:<id>, operator:<id>/,
    ],
    [['--actor', 'operator'], 2, /operator:\* is all of them/],
    [['--object', 'stripe:evt_1a'], 2, /stripe:evt_1a is nothing that entries are about: give webhook:<id>, /],
    [['--object', 'webhook:'], 2, /is nothing that entries are about/],
    [['--object', 'payment:pi_none'], 1, /there is no payment pi_none/],
    [['--chain', 'operator'], 2, /operator is no chain: there are rejections, /],
    [['--event', 'JOB_APPROVED', '--object', 'webhook:stripe:evt_1a'], 2, /JOB_APPROVED is about a job/],
    [['stripe:evt_1a', '--event', 'REPLAYED'], 2, /--object webhook:stripe:evt_1a also finds/],
  ])('ends with an error that says what is allowed for %j', async (args, code, why) => {
    const ran = await run(original, 'audit', 'show', ...args);

    expect([ran.code, ran.stdout, ran.stderr.replaceAll(/\s+/g, ' ')]).toEqual([code, '', expect.stringMatching(why)]);
  });

  test('ends with 1 for a webhook that there is not', async () => {
    expect((await run(original, 'audit', 'show', 'stripe:evt_none')).code).toBe(1);
  });
});

describe('payhook audit review', () => {
  const tomorrow = { ...systemClock, now: () => Date.now() + DAY_MS };
  const review = (folder: TestFolder, ...args: string[]): Promise<Ran> =>
    runHere(['audit', 'review', ...args], writeSetup(folder, { env: SECRET_ENV }), { clock: tomorrow });

  test('shows the day before, and ends with 1 until somebody says that they went through it', async () => {
    using folder = copy();
    const day = new Date().toISOString().slice(0, 10);

    const before = await review(folder, day);
    expect([before.code, before.stdout]).toEqual([
      1,
      expect.stringMatching(
        /REJECTED_SIGNATURE failure +\d+ +provider:stripe[\s\S]+HOME_STARTED[\s\S]+nobody has reviewed it yet/,
      ),
    ]);
    expect((await review(folder, day, '--done', '--reason', 'nothing odd')).code).toBe(0);
    const after = await review(folder, day, '--json');

    expect([after.code, jsonLines(after)]).toEqual([
      0,
      [expect.objectContaining({ day, reviews: [expect.objectContaining({ day, note: 'nothing odd' })] })],
    ]);
    expect(jsonLines(await run(folder, 'audit', 'show', '--event', 'DAY_REVIEWED', '--json'))).toMatchObject([
      { event: 'DAY_REVIEWED', resource: { type: 'day', id: day }, reason: 'nothing odd' },
    ]);
    expect(jsonLines(await run(folder, 'audit', 'verify', '--json'))).toMatchObject([{ outcome: 'whole' }]);
  });

  test('does not take a day that has not ended, or that is none', async () => {
    const day = new Date().toISOString().slice(0, 10);

    expect((await run(original, 'audit', 'review', day, '--done')).stderr).toContain('has not ended yet');
    expect((await run(original, 'audit', 'review', 'yesterday')).stderr).toContain('yesterday is no day');
  });
});

describe('payhook audit evidence', () => {
  test('says who may do what, what is kept for how long, keys and secrets, and whether the trail is whole', async () => {
    const text = await run(original, 'audit', 'evidence');
    const [evidence] = jsonLines(await run(original, 'audit', 'evidence', '--json'));

    expect([text.code, text.stdout]).toEqual([
      0,
      expect.stringMatching(/trail +whole: \d+ of \d+ entries checked, signed/),
    ]);
    expect(evidence).toMatchObject({
      operators: [],
      actsWithoutOperators: expect.any(String),
      permissions: { approve: ['approver'] },
      retention: { webhookDays: 400 },
      keys: expect.arrayContaining([expect.objectContaining({ purpose: 'audit', state: 'in_use' })]),
      secrets: expect.arrayContaining([expect.objectContaining({ provider: 'stripe', verdict: 'in_use' })]),
      verified: { outcome: 'whole', problems: [] },
      cardData: { lookedAt: 6, webhooks: 0 },
    });
  });

  test('ends with 1 where the trail is not whole, and says what to do', async () => {
    using folder = copy();
    tamper(folder, (db) => db.exec('DELETE FROM audit_digests WHERE number = 1'));

    const { code, stdout } = await run(folder, 'audit', 'evidence');

    expect([code, stdout]).toEqual([1, expect.stringContaining('security incident')]);
    expect((await run(folder, 'audit', 'verify')).stdout).toMatch(/what to do: .*security incident/);
  });
});
