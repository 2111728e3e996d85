/** Lists as files, and hints that something has changed: what is streamed to a page. */
import { beforeEach, describe, expect, test } from 'vitest';
import { OF_THE_TRAIL } from '../../src/console/api/export-readers.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { csvLines } from '../../src/operate/csv.ts';
import { webhookCsv, webhookRows } from '../../src/operate/webhook-rows.ts';
import { type ConsoleHome, openConsole, openConsoleHome, type TestConsole } from './console-home.ts';

let home: ConsoleHome;
let console: TestConsole;

const open = async (
  ...given: [role?: Parameters<typeof openConsole>[1], overrides?: Parameters<typeof openConsole>[2]]
) => {
  const over = openConsole(home, ...given);
  await over.logIn();
  return over;
};

beforeEach(async () => {
  home = openConsoleHome({ destinations: [{ name: 'ledger', events: ['payment.*'] }] });
  console = await open();
  for (const id of ['evt_1', 'evt_2', 'evt_bad']) await home.deliver(id);
});

describe('an export', () => {
  test('has every row of the list, over all pages, with the fields of the command line', async () => {
    for (let more = 0; more < LIMITS.consoleRowsMax; more += 1) await home.deliver(`evt_more_${more}`);
    const { body, headers } = await console.get('/api/export/webhooks?format=ndjson');

    const rows = (body as string)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { items, cursors } = await home.store.list({ limit: LIMITS.listLimitMax });
    const expected = (await webhookRows(home, items)).map((row, index) => ({ ...row, cursor: cursors[index] }));
    expect(rows).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(rows[0]).toMatchObject({ amount: { minor: '2000', currency: 'USD' }, paymentId: expect.any(String) });
    expect(rows.length).toBe(3 + LIMITS.consoleRowsMax);
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="payhook-webhooks-\d{4}-\d\d-\d\d\.ndjson"$/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('has the filters of the list, and nothing else is taken for one', async () => {
    const { body } = await console.get('/api/export/webhooks?format=ndjson&status=dead_lettered');

    expect(JSON.parse(body)).toMatchObject({ webhookId: 'stripe:evt_bad' });
    for (const query of [
      '',
      'format=xml',
      'format=csv&foo=1',
      'format=csv&status=lost',
      'format=csv&since=yesterday',
      'format=csv&timeZone=Nowhere',
    ]) {
      expect([query, (await console.get(`/api/export/webhooks?${query}`)).body.error]).toEqual([query, 'usage_wrong']);
    }
    expect((await console.get('/api/export/constructor?format=csv')).status).toBe(404);
  });

  test('is asked for before it is made a file: what would be none is an answer with its reason', async () => {
    expect(await console.get('/api/export/webhooks?format=csv&check=1')).toMatchObject({ status: 200, body: {} });
    const away = async (): Promise<never> => {
      throw new PayhookError('store_unavailable', 'the store is away');
    };
    const over = await open('operator', { store: { ...home.operatorHome.store, list: away } });

    const { status, body, headers } = await over.get('/api/export/webhooks?format=csv&check=1');

    expect([status, body.error, headers.get('content-disposition')]).toEqual([503, 'store_unavailable', null]);
  });

  test('of rejected deliveries says what each became in one cell', async () => {
    const id = await home.reject('evt_rolled', 'whsec_rolled');
    await home.operatorHome.rejected.markAccepted(id, { at: home.clock.now(), webhookIds: ['stripe:a', 'stripe:b'] });

    expect((await console.get('/api/export/deliveries?format=csv')).body).toContain(',stripe:a stripe:b,');
  });

  test('as CSV is what the command line writes, and computes nothing in a spreadsheet', async () => {
    await home.deliver('evt_formula', { type: '=HYPERLINK("https://evil.example")' });
    const { body, headers } = await console.get('/api/export/webhooks?format=csv&limit=1');

    const { items, cursors } = await home.store.list({ limit: 100 });
    const rows = await webhookRows(home, items);
    expect(body).toBe(
      `${csvLines(rows.map((row, index) => ({ ...webhookCsv(row), cursor: cursors[index] }))).join('\n')}\n`,
    );
    expect(body).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  });

  test('as CSV has its times in the zone of the screen, where that is asked for', async () => {
    const { body } = await console.get('/api/export/webhooks?format=csv&timeZone=Asia/Kolkata');

    expect(body).toMatch(/T\d\d:\d\d:\d\d\.\d{3}\+05:30,/);
    expect(body).not.toMatch(/\dZ,/);
  });

  test.each([
    ['payments', 3],
    ['causes', 1],
    ['destinations', 1],
    ['jobs', 1],
    ['audit', 8],
    ['deliveries', 1],
    ['turned-away', 1],
    ['approvals', 1],
    ['activity', 61],
    ['review', 2],
    ['entries', 3],
    ['job', 1],
  ])('is there of %s', async (list, rows) => {
    await home.reject('evt_rolled', 'whsec_anothersecretthatisnotconfigured');
    const { id } = await home.ask();
    const which: Readonly<Record<string, string>> = {
      entries: '&destination=ledger&state=waiting',
      job: `&job=${id}`,
      review: `&day=${new Date(home.clock.now()).toISOString().slice(0, 10)}`,
    };
    const lines = async (format: string) =>
      ((await console.get(`/api/export/${list}?format=${format}${which[list] ?? ''}`)).body as string).split('\n')
        .length - 1;

    expect(await lines('ndjson')).toBe(rows);
    expect(await lines('csv')).toBe(rows + 1);
  });

  test('of rejected deliveries has the filters of their list, times that people read, and nothing of their bodies', async () => {
    const id = await home.reject('evt_rolled', 'whsec_anothersecretthatisnotconfigured');
    const { body } = await console.get('/api/export/deliveries?format=ndjson&provider=stripe');

    expect(JSON.parse(body)).toMatchObject({
      id,
      reason: 'signature_mismatch',
      rejectedAt: expect.stringMatching(/^2026-11-23T12:/),
      acceptedAt: null,
    });
    expect(body).not.toContain('evt_rolled');
    expect((await console.get('/api/export/deliveries?format=csv&provider=paypal')).body).toBe('');
    expect((await console.get('/api/export/deliveries?format=csv&mode=live')).status).toBe(400);
  });

  test('of what waits for a second person says why, and ends with the request', async () => {
    await home.ask();
    const asked = async () => (await console.get('/api/export/approvals?format=ndjson')).body as string;

    expect(JSON.parse(await asked())).toMatchObject({
      state: 'waiting_for_approval',
      approval: { why: 'more than 0 webhooks' },
    });
    home.clock.advance(LIMITS.jobApprovalMsMax);
    await console.logIn();
    expect(await asked()).toBe('');
  });

  test.each(OF_THE_TRAIL)('of %s, which is of the trail, is for those who may read it', async (list) => {
    for (const [role, status] of [
      ['viewer', 403],
      ['auditor', 200],
    ] as const) {
      expect((await (await open(role)).get(`/api/export/${list}?format=csv`)).status).toBe(status);
    }
  });

  test('is not begun for a HEAD, whose body nobody would read: others still are', async () => {
    for (let more = 0; more < 4 * LIMITS.consoleRowsMax; more += 1) await home.deliver(`evt_more_${more}`);
    const over = await open('operator');
    const cookie = over.cookie();
    for (let times = 0; times <= LIMITS.consoleExportsMax; times += 1) {
      const { status } = await over.request('/api/export/webhooks?format=csv', { method: 'HEAD', headers: { cookie } });
      expect(status).toBe(405);
    }

    expect((await over.get('/api/export/webhooks?format=csv')).status).toBe(200);
  });

  test('of one job, or of one destination, says which', async () => {
    for (const list of ['job', 'entries']) {
      expect((await console.get(`/api/export/${list}?format=csv`)).body.error).toBe('usage_wrong');
    }
    expect((await console.get('/api/export/job?format=csv&job=none')).body).toBe('not all of it: not_found\n');
  });

  test('that takes too long says in the file where to go on', async () => {
    for (let more = 0; more < LIMITS.consoleRowsMax; more += 1) await home.deliver(`evt_more_${more}`);
    const list: ConsoleHome['store']['list'] = async (filter) => {
      home.clock.advance(LIMITS.consoleExportMsMax);
      return home.store.list(filter);
    };
    const slow = await open('operator', { store: { ...home.store, list } });

    for (const format of ['ndjson', 'csv']) {
      // The session would end in the meantime.
      await slow.logIn();
      const lines = ((await slow.get(`/api/export/webhooks?format=${format}`)).body as string).trimEnd().split('\n');
      const after = /go on with after=([\w-]+)/.exec(lines.at(-1) ?? '')?.[1];
      await slow.logIn();
      const rest = (await slow.get(`/api/export/webhooks?format=ndjson&after=${after}`)).body as string;
      expect(
        rest
          .trimEnd()
          .split('\n')
          .filter((line) => line.includes('webhookId')),
      ).toHaveLength(3);
    }
  });

  test('that breaks off says so in the file', async () => {
    const list = async (): Promise<never> => {
      throw new PayhookError('store_unavailable', 'the store is away');
    };
    const broken = await open('operator', { store: { ...home.store, list } });

    expect((await broken.get('/api/export/webhooks?format=csv')).body).toBe('not all of it: store_unavailable\n');
    expect(broken.bugs).toEqual([]);
  });
});
