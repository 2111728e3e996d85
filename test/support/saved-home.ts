/** A data directory with one processed webhook in it, to be damaged and looked at. */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripe } from '../../src/providers/stripe/stripe.ts';
import {
  createTestFolder,
  type HomeSetup,
  post,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
} from './running-server.ts';

export const WEBHOOK_ID = 'stripe:evt_saved';
export const SAVED_SETUP = {
  env: { PAYHOOK_STRIPE_SIGNING_SECRETS: 'whsec_of_a_home_that_is_saved_0001' },
  config: { destinations: { ledger: { kind: 'http', url: 'http://127.0.0.1:9/', arePrivateAddressesAllowed: true } } },
} as const satisfies HomeSetup;

/** Stores one webhook through a server that stops then, so that data key, digest and secret of a destination are there. */
export const deliverInto = async (folder: TestFolder, eventId = 'evt_saved'): Promise<void> => {
  await using server = await startLocalServer({ folder, ...SAVED_SETUP });
  const event = { id: eventId, object: 'event', type: 'charge.refunded', created: 1_795_000_000, data: { object: {} } };
  const delivery = stripe.sign({
    body: Buffer.from(JSON.stringify(event)),
    secret: SAVED_SETUP.env.PAYHOOK_STRIPE_SIGNING_SECRETS,
    settings: { toleranceSeconds: 300 },
    now: Date.now(),
    publicUrl: null,
    deliveryId: eventId,
    certificate: null,
  });
  const { status } = await post(server.url, 'stripe', delivery);
  if (status !== 200) throw new Error(`the delivery was answered ${status}`);
  await waitUntil('it is processed', () => readStored(folder.data).webhooks.every((one) => one.status !== 'received'));
};

/** Keeps what is in the folder's data directory; `restore` brings it into a fresh folder as it was. */
export const saveHome = (folder: TestFolder): { restore(): TestFolder } & Disposable => {
  const saved = mkdtempSync(join(tmpdir(), 'payhook-saved-'));
  cpSync(folder.data, saved, { recursive: true });
  return {
    restore() {
      const fresh = createTestFolder();
      cpSync(saved, fresh.data, { recursive: true });
      chmodSync(fresh.data, 0o700);
      return fresh;
    },
    [Symbol.dispose]: () => rmSync(saved, { recursive: true }),
  };
};

/** Name, owner, permissions and content of everything in a directory. */
export const lookInto = (directory: string): readonly string[] =>
  readdirSync(directory)
    .toSorted()
    .map((name) => {
      const path = join(directory, name);
      const stats = lstatSync(path);
      const content = stats.isFile()
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : stats.isSymbolicLink() && readlinkSync(path);
      return [name, stats.mode.toString(8), stats.uid, content].join(' ');
    });
