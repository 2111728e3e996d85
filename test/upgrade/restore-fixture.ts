/** Brings what a release left behind into a test: its data directory as it was, and what it wrote to queues and tables. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { createTestFolder, type TestFolder } from '../support/running-server.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** Every release that there are fixtures of. */
export const RELEASES: readonly string[] = readdirSync(FIXTURES);
/** The one before 0.2, by its commit. It said less than those after it, and some of it in other words. */
export const BEFORE_02 = '33d4f8b';

const KEY_PREFIX = 'test-only-';
const DATABASE = 'payhook.db';

export interface RestoredHome extends Disposable {
  readonly folder: TestFolder;
  readonly database: string;
  /** Of the release's clock, when the directory was saved. */
  readonly savedAt: EpochMs;
}

export const restoreHome = (release: string): RestoredHome => {
  const saved = join(FIXTURES, release);
  const folder = createTestFolder();
  mkdirSync(folder.data, { mode: 0o700 });
  for (const name of readdirSync(saved).filter((one) => one.startsWith(KEY_PREFIX) || one === 'audit-anchor.json')) {
    const path = join(folder.data, name.replace(KEY_PREFIX, ''));
    writeFileSync(path, readFileSync(join(saved, name)));
    chmodSync(path, 0o600);
  }
  const database = join(folder.data, DATABASE);
  writeFileSync(database, gunzipSync(readFileSync(join(saved, `${DATABASE}.gz`))));
  const { savedAt } = JSON.parse(readFileSync(join(saved, 'fixture.json'), 'utf8'));
  return { folder, database, savedAt, [Symbol.dispose]: () => folder[Symbol.dispose]() };
};

/** A clock that goes on from that moment: what was saved long ago has not grown old meanwhile. */
export const clockFrom = (at: EpochMs): Clock => {
  const ahead = at - Date.now();
  return { ...systemClock, now: () => Date.now() + ahead };
};

export type SavedItem = Readonly<Record<string, { readonly B?: string }>>;

/** Messages and packed texts by name, as they were written. */
export interface AwsFixture {
  readonly workMessage: string;
  readonly deadLetterMessage: string;
  readonly destinationMessageOfNews: string;
  readonly destinationMessageOfOther: string;
  readonly givenUpMessage: string;
  readonly auditDrafts: string;
  readonly effects: string;
  readonly webhookItem: SavedItem;
  readonly paymentItem: SavedItem;
}

export const readAwsFixture = (release: string): AwsFixture =>
  JSON.parse(readFileSync(join(FIXTURES, release, 'aws.json'), 'utf8'));
