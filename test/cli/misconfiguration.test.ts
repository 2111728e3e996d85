/** Settings and files that are wrong: one report that says which and what to do, nothing shown, nothing lost. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { CANARY, SECRET_ENV } from '../server/signed.ts';
import {
  createTestFolder,
  type Ran,
  readStored,
  runCommand,
  spawnServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { runHere } from './run-here.ts';

const expectReport = (ran: Ran, exitCode: number, ...parts: readonly string[]): void => {
  expect([ran.code, ran.stderr]).toEqual([exitCode, expect.stringContaining('payhook: ')]);
  for (const part of parts) expect(ran.stderr).toContain(part);
  expect(ran.stderr).not.toMatch(/^ {4}at /m);
  expect(ran.stderr + ran.stdout).not.toContain(CANARY);
  expect(ran.stderr).not.toContain('this is a bug');
};

const serve = (folder: TestFolder, env: Readonly<Record<string, string>> = {}, setup = {}): Promise<Ran> =>
  runCommand(['serve'], writeSetup(folder, { ...setup, env: { ...SECRET_ENV, ...env } }), { cwd: folder.path });

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('payhook serve with settings that are wrong', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a name with a typing mistake',
      { PAYHOOK_STRIPE_SIGNING_SECRET: CANARY },
      ['PAYHOOK_STRIPE_SIGNING_SECRET:', 'PAYHOOK_STRIPE_SIGNING_SECRETS'],
    ],
    ['a port that is no number', { PAYHOOK_PORT: 'http' }, ['PAYHOOK_PORT', '"http"', 'from 0 to 65535']],
    ['a port that there is not', { PAYHOOK_PORT: '65536' }, ['PAYHOOK_PORT', '"65536"']],
    ['a negative port', { PAYHOOK_PORT: '-1' }, ['PAYHOOK_PORT']],
    ['an empty port', { PAYHOOK_PORT: '' }, ['PAYHOOK_PORT']],
    ['a port for operations that there is not', { PAYHOOK_OPERATIONS_PORT: '70000' }, ['PAYHOOK_OPERATIONS_PORT']],
    ['a log format that there is not', { PAYHOOK_LOG_FORMAT: 'xml' }, ['PAYHOOK_LOG_FORMAT', '"xml"']],
    ['an empty data directory', { PAYHOOK_DATA_DIR: '' }, ['PAYHOOK_DATA_DIR', 'a path']],
    [
      'a config file that is not there',
      { PAYHOOK_CONFIG: '/nowhere/payhook.config.ts' },
      ['PAYHOOK_CONFIG', '/nowhere/payhook.config.ts'],
    ],
    [
      'a secret with a space inside',
      { PAYHOOK_STRIPE_SIGNING_SECRETS: `whsec_${CANARY} x` },
      ['PAYHOOK_STRIPE_SIGNING_SECRETS', '(hidden)', 'value 1 of 1'],
    ],
    [
      'an API key as secret',
      { PAYHOOK_STRIPE_SIGNING_SECRETS: `whsec_ok,sk_live_${CANARY}` },
      ['value 2 of 2', 'is an API key'],
    ],
    [
      'a secret that was pasted with its quotation marks',
      { PAYHOOK_STRIPE_SIGNING_SECRETS: `"whsec_${CANARY}0123456789"` },
      ['PAYHOOK_STRIPE_SIGNING_SECRETS', '(hidden)', 'value 1 of 1 stands in quotation marks'],
    ],
    [
      'a placeholder among secrets',
      { PAYHOOK_STRIPE_SIGNING_SECRETS: `${SECRET_ENV.PAYHOOK_STRIPE_SIGNING_SECRETS},whsec_...` },
      ['PAYHOOK_STRIPE_SIGNING_SECRETS', 'value 2 of 2 is not the signing secret of a webhook endpoint'],
    ],
    [
      'a Square key that is none',
      { PAYHOOK_SQUARE_SIGNATURE_KEYS: 'abcdef' },
      ['PAYHOOK_SQUARE_SIGNATURE_KEYS', 'value 1 of 1 is not a signature key'],
    ],
    ['secrets of nothing but commas', { PAYHOOK_STRIPE_SIGNING_SECRETS: ' , ,' }, ['at least one value']],
    [
      'the simulator as webhook id',
      { PAYHOOK_PAYPAL_WEBHOOK_IDS: 'WEBHOOK_ID' },
      ['PAYHOOK_PAYPAL_WEBHOOK_IDS', 'simulator'],
    ],
    ['an HMAC key that is not hex', { PAYHOOK_ADYEN_HMAC_KEYS: CANARY }, ['PAYHOOK_ADYEN_HMAC_KEYS', '(hidden)']],
    [
      'a notification URL that is none',
      { PAYHOOK_SQUARE_NOTIFICATION_URL: 'shop.example.com' },
      ['PAYHOOK_SQUARE_NOTIFICATION_URL', 'a full http(s) URL'],
    ],
  ])('reports %s and starts nothing', async (_what, env, parts) => {
    using folder = createTestFolder();

    const ran = await runHere(['serve'], writeSetup(folder, { env: { ...SECRET_ENV, ...env } }), { cwd: folder.path });

    expectReport(ran, 2, ...parts);

    expect(existsSync(folder.data)).toBe(false);
  });

  test('reports a Square key without its notification URL', async () => {
    using folder = createTestFolder();
    const env = writeSetup(folder, {
      env: { PAYHOOK_SQUARE_SIGNATURE_KEYS: SECRET_ENV.PAYHOOK_SQUARE_SIGNATURE_KEYS ?? '' },
    });

    expectReport(await runHere(['serve'], env), 2, 'PAYHOOK_SQUARE_NOTIFICATION_URL', 'exactly as registered');
  });

  test('reports every provider without secrets in mode live, all at once', async () => {
    using folder = createTestFolder();
    const env = writeSetup(folder, { config: { mode: 'live' } });

    const ran = await runCommand(['serve'], env);

    expectReport(
      ran,
      2,
      'the configuration has 5 problems',
      'PAYHOOK_STRIPE_SIGNING_SECRETS',
      'PAYHOOK_ADYEN_HMAC_KEYS',
    );
  });

  test('reports several problems of environment and file in one go', async () => {
    using folder = createTestFolder();

    const ran = await serve(
      folder,
      { PAYHOOK_PORT: 'x', PAYHOOK_HOTS: 'y', PAYHOOK_STRIPE_SIGNING_SECRETS: `sk_test_${CANARY}` },
      { config: { edge: { hostt: 'z', trustedProxyHops: -1 }, retentionDays: 10 } },
    );

    expectReport(
      ran,
      2,
      'PAYHOOK_PORT',
      'PAYHOOK_HOTS',
      'SIGNING_SECRETS',
      'edge.hostt',
      'edge.trustedProxyHops',
      'retentionDays',
    );
  });

  test.each<[string, string, readonly string[]]>([
    ['a setting', 'mdoe: "test"', ['setting mdoe in ', 'payhook.config.ts:2:3: ', 'did you mean mode?']],
    ['a setting in a setting', 'edge: { hots: "::1" }', ['setting edge.hots in ', ':2:11: ', 'did you mean host?']],
    ['a provider', 'providers: { strype: {} }', ['setting providers.strype in ', 'did you mean stripe?']],
    [
      'a setting of a destination',
      'destinations: { ledger: { kind: "http", ulr: "https://ledger.example/" } }',
      ['destinations.ledger.ulr', 'did you mean url?'],
    ],
    [
      'an event',
      'destinations: { ledger: { kind: "http", url: "https://ledger.example/", events: ["payment.suceeded"] } }',
      ['expected a type of event (did you mean payment.succeeded?)'],
    ],
    ['something like nothing', 'colour: "red"', ['remove it, or use one of mode, providers, handlers']],
  ])(
    'asks whether another name was meant by a misspelt %s, and says where it stands',
    async (_what, setting, parts) => {
      using folder = createTestFolder();
      const env = { PAYHOOK_CONFIG: join(folder.path, 'payhook.config.ts') };
      writeFileSync(env.PAYHOOK_CONFIG, `export default {\n  ${setting},\n};\n`);

      expectReport(await runHere(['config'], env, { cwd: folder.path }), 2, ...parts);
    },
  );

  test('asks whether another variable was meant', async () => {
    using folder = createTestFolder();
    expectReport(
      await runHere(['config'], { PAYHOOK_PROT: '80' }, { cwd: folder.path }),
      2,
      'environment variable PAYHOOK_PROT: found a name that Payhook does not know; expected another name: did you mean PAYHOOK_PORT?',
    );
  });

  test.each([
    ['edge: { host: 5 }', 'setting edge.host in', 'found 5; expected a text'],
    ['retentionDays: 10', 'setting retentionDays in', 'found 10; expected at least 90'],
    ['retentionDays: 90.5', 'setting retentionDays in', 'found 90.5; expected a whole number'],
    ['mode: "prod"', 'setting mode in', 'found "prod"; expected one of "live", "test"'],
    ['alertsUrl: "pager"', 'setting alertsUrl in', 'found "pager"; expected a URL'],
    ['handlers: ""', 'setting handlers in', 'found ""; expected a text of at least 1 characters'],
    [
      'destinations: { books: { kind: "file", path: "./books" } }',
      'setting destinations.books.kind in',
      'found "file"; expected one of "http", "eventbridge", "ndjson"',
    ],
  ])('says in its own words what %s should be', async (setting, ...parts) => {
    using folder = createTestFolder();
    const env = { PAYHOOK_CONFIG: join(folder.path, 'payhook.config.ts') };
    writeFileSync(env.PAYHOOK_CONFIG, `export default { ${setting} };\n`);

    expectReport(await runHere(['config'], env, { cwd: folder.path }), 2, ...parts);
  });

  test('gives the line and the column of a file that is no code', async () => {
    using folder = createTestFolder();
    const path = join(folder.path, 'payhook.config.ts');
    writeFileSync(path, "const mode: string = 'test';\nexport default {\n  mode 'test',\n};\n");

    const ran = await runCommand(['config'], { PAYHOOK_CONFIG: path }, { cwd: folder.path });

    expectReport(ran, 2, `${path}:3:8: found SyntaxError`);
  });

  test.each<[string, string, readonly string[]]>([
    ['does not load', 'export default {', ['payhook.config.mjs', 'SyntaxError']],
    ['throws', 'throw new Error("no config today")', ['no config today']],
    ['exports nothing by default', 'export const config = {}', ['no default export']],
    ['exports a number', 'export default 7', ['payhook.config.mjs']],
    ['imports what is not there', 'import "./missing.mjs"; export default {}', ['missing.mjs']],
  ])('reports a config file that %s', async (_what, source, parts) => {
    using folder = createTestFolder();
    const env = writeSetup(folder, { env: SECRET_ENV });
    writeFileSync(join(folder.path, 'payhook.config.mjs'), source);

    expectReport(await runCommand(['serve'], env), 2, ...parts);
  });

  test.each<[string, string | null, readonly string[]]>([
    ['is not there', null, ['handlers.mjs', 'a module that is there']],
    ['does not compile', 'export const handle = (', ['handlers.mjs', 'SyntaxError']],
    ['throws while it loads', 'throw new TypeError("broken")', ['handlers.mjs', 'TypeError: broken']],
    ['has no handle', 'export const process = () => undefined;', ['exports process', 'handle(webhook, context)']],
    ['has a handle that is no function', 'export const handle = {};', ['handle(webhook, context)']],
  ])('reports a handlers module that %s', async (_what, source, parts) => {
    using folder = createTestFolder();
    const env = writeSetup(folder, { env: SECRET_ENV, config: { handlers: './handlers.mjs' } });
    if (source !== null) writeFileSync(join(folder.path, 'handlers.mjs'), source);

    expectReport(await runCommand(['serve'], env), 2, ...parts);
  });
});

describe('payhook serve where something is in the way', () => {
  test('reports a port that is taken', async () => {
    using folder = createTestFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const ran = await serve(folder, { PAYHOOK_PORT: String(port) });

    expectReport(ran, 2, `port ${port} is taken`, 'PAYHOOK_PORT');
    const operations = await serve(folder, { PAYHOOK_OPERATIONS_PORT: String(port) });
    expectReport(operations, 2, `port ${port} is taken`, 'PAYHOOK_OPERATIONS_PORT');
    other.close();
  });

  test('reports an address that this machine does not have', async () => {
    using folder = createTestFolder();

    for (const setting of ['host', 'operationsHost']) {
      const ran = await serve(folder, {}, { config: { edge: { [setting]: '192.0.2.1' } } });

      expectReport(ran, 2, '192.0.2.1', `edge.${setting}`);
    }
  });

  test('reports a data directory below a file', async () => {
    using folder = createTestFolder();
    writeFileSync(join(folder.path, 'file'), '');

    const ran = await serve(folder, { PAYHOOK_DATA_DIR: join(folder.path, 'file', 'data') });

    expectReport(ran, 2, 'the data directory', 'PAYHOOK_DATA_DIR');
  });

  test('reports a second server on the same data, and leaves the first one alone', async () => {
    using folder = createTestFolder();
    await using first = await spawnServer({ folder, env: SECRET_ENV });

    expectReport(await serve(folder), 2, 'another Payhook server is running', folder.data);

    expect((await fetch(`${first.url}/ready`)).status).toBe(200);
  });
});

describe('payhook serve on files that were damaged', () => {
  /** A data directory with one start behind it; the database is closed and whole. */
  const prepare = async (folder: TestFolder): Promise<string> => {
    const server = await spawnServer({ folder, env: SECRET_ENV });
    await server.stop('SIGTERM');
    return join(folder.data, 'payhook.db');
  };

  test.each<[string, (path: string) => void, string]>([
    ['garbage', (path) => writeFileSync(path, Buffer.alloc(8192, 'garbage ')), 'not a SQLite database'],
    [
      'cut off in the middle',
      (path) => truncateSync(path, Math.floor(readFileSync(path).length / 8192) * 4096),
      'damaged',
    ],
    [
      'another program’s',
      (path) => {
        writeFileSync(path, '');
        using db = new DatabaseSync(path);
        db.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);');
      },
      'belongs to another program',
    ],
    [
      'a newer Payhook’s',
      (path) => {
        using db = new DatabaseSync(path);
        db.exec('PRAGMA user_version = 999;');
      },
      'written by a newer Payhook',
    ],
  ])('refuses a database that is %s, names it, and does not touch it', async (_what, damage, part) => {
    using folder = createTestFolder();
    const path = await prepare(folder);
    damage(path);
    const before = hashOf(path);

    const ran = await serve(folder);

    expectReport(ran, 1, path, part);
    expect(hashOf(path)).toBe(before);
  });

  test.each<[string, (path: string) => void]>([
    ['emptied', (path) => truncateSync(path, 0)],
    ['deleted', (path) => rmSync(path)],
  ])('refuses to take a database that was %s for a new one', async (_what, damage) => {
    using folder = createTestFolder();
    const path = await prepare(folder);
    damage(path);

    expectReport(await serve(folder), 1, path, 'is empty', 'audit-anchor.json', 'restore the database');
  });

  test('starts on an older copy of the database and raises an alert', async () => {
    using folder = createTestFolder();
    const path = await prepare(folder);
    const older = readFileSync(path);
    await prepare(folder);
    writeFileSync(path, older);

    const server = await spawnServer({ folder, env: SECRET_ENV });
    await server.stop('SIGTERM');

    expect(server.lines.map((line) => line.kind)).toContain('audit_broken');
  });

  test.each<[string, string, (path: string) => void, number, string]>([
    ['of the wrong size', 'payload.key', (path) => writeFileSync(path, 'c2hvcnQ=\n', { mode: 0o600 }), 2, '32 bytes'],
    ['readable by others', 'payload.key', (path) => chmodSync(path, 0o644), 2, 'chmod 600'],
    ['of another kind', 'audit-signing.key', (path) => writeFileSync(path, CANARY), 2, 'private key in PEM form'],
  ])('reports a key file that is %s', async (_what, file, damage, exitCode, part) => {
    using folder = createTestFolder();
    await prepare(folder);
    const before = readStored(folder.data);
    damage(join(folder.data, file));

    expectReport(await serve(folder), exitCode, join(folder.data, file), part);

    expect(readStored(folder.data)).toEqual(before);
  });

  test.each(['payload.key', 'server.lock'])('reports a folder in the place of %s', async (name) => {
    using folder = createTestFolder();
    mkdirSync(join(folder.data, name), { recursive: true, mode: 0o700 });

    const ran = await serve(folder);

    expectReport(ran, 1, join(folder.data, name));
  });
});

describe('destinations that are wrong', () => {
  test.each<[string, object, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a name that no queue can have',
      { 'Bad Name': { kind: 'http', url: 'https://x.example/' } },
      {},
      ['"Bad Name"', '1 to 20 lower-case'],
    ],
    [
      'a kind that there is not',
      { ledger: { kind: 'ftp' } },
      {},
      ['destinations.ledger.kind', 'one of "http", "eventbridge", "ndjson"'],
    ],
    [
      'a type of event that there is not',
      { ledger: { kind: 'eventbridge', events: ['payment.suceeded'] } },
      {},
      ['"payment.suceeded"', 'did you mean payment.succeeded?'],
    ],
    [
      'a URL without TLS',
      { ledger: { kind: 'http', url: 'http://x.example/' } },
      {},
      ['an https URL', 'arePrivateAddressesAllowed'],
    ],
    [
      'a URL with a password, which is not shown',
      { ledger: { kind: 'http', url: `https://u:${CANARY}@x.example/` } },
      {},
      ['https://(hidden)@x.example/', 'without user name and password'],
    ],
    [
      'a secret for nobody',
      {},
      { PAYHOOK_DESTINATION_SECRETS: 'ledger=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      ['a secret for ledger', 'of which there is none'],
    ],
    [
      'a secret that is none',
      { ledger: { kind: 'http', url: 'https://x.example/' } },
      { PAYHOOK_DESTINATION_SECRETS: `ledger=${CANARY}` },
      ['PAYHOOK_DESTINATION_SECRETS', '(hidden)', 'value 1 of 1', 'whsec_'],
    ],
  ])('%s is reported with what is allowed', async (_, destinations, env, parts) => {
    using folder = createTestFolder();

    const ran = await runHere(['config'], { ...writeSetup(folder, { env }), ...configOf(folder, { destinations }) });

    expectReport(ran, 2, ...parts);
  });

  test('in mode live every http destination needs a secret of its own', async () => {
    using folder = createTestFolder();
    const destinations = { ledger: { kind: 'http', url: 'https://x.example/' } };

    const ran = await runHere(['config'], {
      ...writeSetup(folder, { env: SECRET_ENV }),
      ...configOf(folder, { mode: 'live', destinations }),
    });

    expectReport(ran, 2, 'PAYHOOK_DESTINATION_SECRETS', 'no secret for ledger', 'ledger=whsec_');
  });
});

/** A configuration that the types would not let through. */
const configOf = (folder: TestFolder, config: object): Record<string, string> => {
  const path = join(folder.path, 'wrong.config.mjs');
  writeFileSync(path, `export default ${JSON.stringify(config)};\n`);
  return { PAYHOOK_CONFIG: path };
};

describe('what takes the sense out of signatures or TLS', () => {
  const secret = `whsec_${Buffer.from(`${CANARY} for both of the two`.padEnd(24)).toString('base64')}`;
  const both = { PAYHOOK_STANDARD_WEBHOOKS_SECRETS: secret, PAYHOOK_DESTINATION_SECRETS: `ledger=${secret}` };
  const ledger = { destinations: { ledger: { kind: 'http', url: 'https://x.example/' } } } as const;
  const unchecked = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

  test.each(['serve', 'config'])('%s does not take one secret for a provider and a destination', async (command) => {
    using folder = createTestFolder();

    const ran = await runHere([command], writeSetup(folder, { config: ledger, env: both }), { cwd: folder.path });

    expectReport(ran, 2, 'the provider standard-webhooks and the destination ledger');
    expect(ran.stderr).not.toContain(secret);
    expect(existsSync(folder.data)).toBe(false);
  });

  test('certificates that nobody checks are a problem in mode live', async () => {
    using folder = createTestFolder();
    const env = { ...SECRET_ENV, ...unchecked };

    const ran = await runHere(['serve'], writeSetup(folder, { config: { mode: 'live' }, env }), { cwd: folder.path });

    expectReport(ran, 2, 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_EXTRA_CA_CERTS');
  });

  test('they are warned of in development, by the server and where the configuration is shown', async () => {
    using folder = createTestFolder();
    const shown = await runHere(['config'], writeSetup(folder, { env: unchecked }), { cwd: folder.path });

    await using server = await spawnServer({ folder, env: { ...SECRET_ENV, ...unchecked } });

    expect([shown.code, shown.stderr]).toEqual([0, expect.stringMatching(/^payhook: .*NODE_TLS_REJECT_UNAUTHORIZED/)]);
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        event: 'config.unsafe',
        message: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED'),
      }),
    );
  });
});
