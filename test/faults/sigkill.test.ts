/**
 * The server is killed with SIGKILL at random moments under load, again and again, on one data directory. Every webhook
 * that was acknowledged must be there, be processed once, and be in an audit trail that is whole.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { readRecord } from '../../src/audit/audit.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import type { SignedDelivery } from '../../src/core/ports/provider.ts';
import { openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { createLocalHome } from '../../src/homes/local/home.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { STRIPE_SECRET, stripeDelivery } from '../support/test-home.ts';

const ROOT = join(import.meta.dirname, '../..');
/** With a handler, which is called once each; and without any, where a webhook is stored as processed. */
const WAYS = [
  { way: 'a handler', kills: 50, hasHandlers: true },
  { way: 'nobody to tell', kills: 10, hasHandlers: false },
] as const;
const UNDERWAY = 12;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

let directory: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'payhook-sigkill-'));
});

afterEach(async () => {
  if (running?.exitCode === null && running.signalCode === null) {
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

const startServer = async (): Promise<Server> => {
  const child = spawn(process.execPath, [join(ROOT, 'src/cli/main.ts'), 'serve'], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      PAYHOOK_DATA_DIR: join(directory, 'data'),
      PAYHOOK_PORT: '0',
      PAYHOOK_LOG_FORMAT: 'json',
      PAYHOOK_CONFIG: join(directory, 'payhook.config.ts'),
      PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  running = child;
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    const parsed: { event?: string; port?: number } = JSON.parse(line);
    if (parsed.event === 'server.started') {
      child.stdout!.resume();
      return { child, port: parsed.port ?? 0 };
    }
  }
  throw new Error('the server ended before it had started');
};

/** Resolves with the status, or undefined when the connection broke: the sender cannot know then. */
const post = (agent: Agent, port: number, { body, headers }: SignedDelivery): Promise<number | undefined> =>
  new Promise((resolve) => {
    const sent = request({
      agent,
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/webhook/stripe',
      headers: { ...headers, 'content-length': body.length },
    });
    sent.on('error', () => resolve(undefined));
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
      response.on('error', () => resolve(undefined));
    });
    sent.end(body);
  });

describe('I1 durable before 2xx, I2 once, I3 always ends', () => {
  test.each(WAYS)(
    'no acknowledged webhook is lost or processed twice over $kills kills at random moments, with $way',
    {
      timeout: 600_000,
    },
    async ({ kills, hasHandlers }) => {
      const handledFile = join(directory, 'handled.txt');
      writeFileSync(
        join(directory, 'payhook.config.ts'),
        `export default { providers: { stripe: { toleranceSeconds: 3600 } },${hasHandlers ? " handlers: './handlers.ts'," : ''}
        edge: { requestsPerSecond: 100000, requestsBurst: 100000 } };`,
      );
      writeFileSync(
        join(directory, 'handlers.ts'),
        `import { appendFileSync } from 'node:fs';
      export const handle = (webhook, { idempotencyId }) => appendFileSync(${JSON.stringify(handledFile)}, idempotencyId + '\\n');`,
      );
      const clock = createTestClock(Date.now());
      const random = createTestRandomness('sigkill');
      const acknowledged = new Set<string>();
      let sent = 0;
      // One that ends well leaves its compiled code for those that are killed: a third of the time of their start.
      const { child: first } = await startServer();
      first.kill('SIGTERM');
      await once(first, 'exit');

      for (let kill = 0; kill < kills; kill += 1) {
        const { child, port } = await startServer();
        const agent = new Agent({ keepAlive: true });
        let isAlive = true;
        const sender = async (): Promise<void> => {
          while (isAlive) {
            sent += 1;
            const id = `evt_${sent}`;
            if ((await post(agent, port, stripeDelivery(clock, id))) === 200) acknowledged.add(`stripe:${id}`);
            else if (!isAlive) return;
          }
        };
        const senders = Promise.all(Array.from({ length: UNDERWAY }, sender));
        const acknowledgedBefore = acknowledged.size;
        const target = acknowledgedBefore + 1 + Math.floor(random.fraction() * 150);
        while (acknowledged.size < target) await new Promise((resolve) => setImmediate(resolve));
        child.kill('SIGKILL');
        isAlive = false;
        await once(child, 'exit');
        await senders;
        agent.destroy();
      }
      expect(acknowledged.size).toBeGreaterThan(kills * 10);

      const { child } = await startServer();
      const executor = openSqlite({ path: join(directory, 'data', 'payhook.db') });
      const home = await createLocalHome(openDataDirectory(join(directory, 'data')), executor);
      for (let depth = await home.queue.depth(); depth.ready + depth.waiting > 0; depth = await home.queue.depth()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);

      const handled = hasHandlers ? new Set(readFileSync(handledFile, 'utf8').split('\n')) : acknowledged;
      for (const webhookId of acknowledged) {
        const [webhook, ...more] = await home.store.find(webhookId);
        expect(webhook, webhookId).toMatchObject({ status: 'processed' });
        expect(more).toEqual([]);
        expect(handled.has(webhookId), `${webhookId} reached the handler`).toBe(true);
        const records = (await home.auditLog.chain(`${webhookId}@${webhook!.timestamp}`, 100)).map(readRecord);
        expect(
          records.filter(({ change }) => change?.to === 'processed'),
          webhookId,
        ).toHaveLength(1);
      }
      expect(await createCheckAudit(home)()).toMatchObject({ outcome: 'whole', undigested: 0 });
      await executor.close();
    },
  );
});
