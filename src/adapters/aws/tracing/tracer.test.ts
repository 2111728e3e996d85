import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../../../test/support/clock.ts';
import { PayhookError } from '../../../core/errors.ts';
import { awsFacts } from './trace-calls.ts';
import { createTracer } from './tracer.ts';
import { readDaemonAddress } from './xray-daemon.ts';

const TRACE = '1-5759e988-bd862e3fe1be46a994272793';
const PARENT = '53995c3f42cd8ad8';
const SAMPLED = `Root=${TRACE};Parent=${PARENT};Sampled=1`;

const open = () => {
  const clock = createTestClock();
  const documents: Record<string, unknown>[] = [];
  let flushes = 0;
  let ids = 0;
  const tracer = createTracer({
    clock,
    randomness: {
      bytes: (count) => {
        ids += 1;
        return new Uint8Array(count).fill(ids);
      },
    },
    daemon: {
      send: (document) => void documents.push({ ...document }),
      flush: async () => {
        flushes += 1;
      },
    },
  });
  return { tracer, clock, documents, flushes: () => flushes };
};

const facts = (name: string) => () => ({ name });

describe('a tracer', () => {
  test('says of each piece of work which it was, below what, and how long it took', async () => {
    const { tracer, documents, clock, flushes } = open();

    await tracer.invocation(SAMPLED, false, () =>
      tracer.span(facts('outer'), async () => {
        clock.advance(100);
        await tracer.span(facts('inner'), async () => clock.advance(50));
      }),
    );

    const [inner, outer] = documents;
    expect(outer).toEqual({
      id: '0101010101010101',
      trace_id: TRACE,
      parent_id: PARENT,
      type: 'subsegment',
      name: 'outer',
      start_time: NOW / 1000,
      end_time: NOW / 1000 + 0.15,
    });
    expect(inner).toMatchObject({ name: 'inner', parent_id: outer?.id, start_time: NOW / 1000 + 0.1 });
    expect(flushes()).toBe(1);
  });

  test('keeps work that is under way at the same time below what it belongs to', async () => {
    const { tracer, documents } = open();
    const both = Promise.withResolvers<void>();

    await tracer.invocation(SAMPLED, false, () =>
      Promise.all(
        ['a', 'b'].map((name) =>
          tracer.span(facts(name), async () => {
            if (name === 'b') both.resolve();
            await both.promise;
            await tracer.span(facts(`in ${name}`), async () => undefined);
          }),
        ),
      ),
    );

    const idOf = (name: string) => documents.find((document) => document.name === name)?.id;
    for (const name of ['a', 'b']) {
      expect(documents.find((document) => document.name === `in ${name}`)?.parent_id).toBe(idOf(name));
    }
  });

  test.each([
    ['a trace that is not sampled', `Root=${TRACE};Parent=${PARENT};Sampled=0`, false],
    ['a trace of which nothing is decided', `Root=${TRACE};Parent=${PARENT}`, false],
    ['a trace that the caller decided to record', SAMPLED, true],
    ['no trace', undefined, false],
    ['a header that is none', 'Root=1-a;Sampled=1\nX: 1', false],
  ])('asks and sends nothing for %s', async (_, header, isCallersDecision) => {
    const { tracer, documents, flushes } = open();

    const result = await tracer.invocation(header, isCallersDecision, () =>
      tracer.span(
        () => expect.unreachable(),
        async () => 7,
      ),
    );

    expect([result, documents, flushes()]).toEqual([7, [], 0]);
  });

  test('hands the trace on as decided, below the work that is under way, and a caller’s decision not at all', async () => {
    const { tracer } = open();
    const seen: (string | undefined)[] = [];
    const look = async () => void seen.push(tracer.header());

    await tracer.invocation(SAMPLED, false, async () => {
      await look();
      await tracer.span(facts('work'), look);
    });
    await tracer.invocation(SAMPLED, true, look);
    await tracer.invocation(undefined, false, look);

    expect(seen).toEqual([
      SAMPLED,
      `Root=${TRACE};Parent=0101010101010101;Sampled=1`,
      `Root=${TRACE};Parent=${PARENT};Sampled=0`,
      undefined,
    ]);
  });

  test('tells failures by their names and codes, never by their words', async () => {
    const { tracer, documents } = open();
    const throttled = Object.assign(new Error('canary'), { name: 'ThrottlingException' });
    const failures = [new TypeError('canary'), throttled, new PayhookError('store_busy', 'canary'), 'canary'];

    await tracer.invocation(SAMPLED, false, async () => {
      for (const failure of failures) {
        const failing = tracer.span(facts('work'), () => Promise.reject(failure));
        await expect(failing).rejects.toBe(failure);
      }
      await tracer.span(
        facts('answered'),
        async () => 404,
        (status) => status >= 400,
      );
    });

    const types = documents.map(
      ({ cause }) => (cause as { exceptions: { type: string }[] } | undefined)?.exceptions[0]?.type,
    );
    expect(types).toEqual(['TypeError', 'ThrottlingException', 'store_busy', 'string', undefined]);
    expect(documents.map(({ fault, throttle }) => [fault, throttle])).toEqual([
      [true, undefined],
      [undefined, true],
      [true, undefined],
      [true, undefined],
      [true, undefined],
    ]);
    expect(JSON.stringify(documents)).not.toContain('canary');
  });

  test('records a bounded number of pieces of work, and does all of it', async () => {
    const { tracer, documents } = open();
    let done = 0;

    await tracer.invocation(SAMPLED, false, async () => {
      for (let n = 0; n < 600; n += 1) {
        await tracer.span(facts('work'), async () => {
          done += 1;
        });
      }
    });

    expect([done, documents.length]).toEqual([600, 500]);
  });

  test('sends what it has when the invocation throws, and nothing of the next one', async () => {
    const { tracer, documents, flushes } = open();

    await expect(tracer.invocation(SAMPLED, false, () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    await tracer.span(facts('between'), async () => undefined);

    expect([documents, flushes()]).toEqual([[], 1]);
  });

  test('links each trace once, and makes a name that X-Ray takes', async () => {
    const { tracer, documents } = open();
    const name = `destination <b>"ledger"</b> ${'x'.repeat(300)}`;

    await tracer.invocation(SAMPLED, false, () =>
      tracer.span(
        () => ({ name, linkedTraceIds: [TRACE, TRACE, '1-00000000-000000000000000000000000'] }),
        async () => undefined,
      ),
    );

    expect(documents[0]?.links).toEqual([{ trace_id: TRACE }, { trace_id: '1-00000000-000000000000000000000000' }]);
    expect(documents[0]?.name).toMatch(/^destination _b__ledger__\/b_ x+$/);
    expect(String(documents[0]?.name)).toHaveLength(200);
  });
});

describe('what is said of a call of AWS', () => {
  test('is its operation and names of resources, and nothing else of its input', () => {
    const input = { TableName: 'table-PaymentWebhooks-dev', Item: { webhookId: { S: 'canary' } }, Key: 'canary' };

    expect(awsFacts('DynamoDB', 'PutItem', input)).toEqual({
      name: 'DynamoDB',
      namespace: 'aws',
      aws: { operation: 'PutItem', table_name: 'table-PaymentWebhooks-dev' },
    });
  });
});

describe('the address of the daemon', () => {
  test.each([
    ['169.254.79.129:2000', { host: '169.254.79.129', port: 2000 }],
    ['tcp:127.0.0.1:3000 udp:127.0.0.2:2000', { host: '127.0.0.2', port: 2000 }],
    [undefined, undefined],
    ['', undefined],
    ['nowhere', undefined],
    ['127.0.0.1:99999', undefined],
    ['tcp:127.0.0.1:3000 tcp:127.0.0.1:3001', undefined],
  ])('%s is read as %j', (text, address) => {
    expect(readDaemonAddress(text)).toEqual(address);
  });
});
