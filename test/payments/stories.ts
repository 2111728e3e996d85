/** Life stories of payments with their right values, kept outside the project: how they are read and told. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryPaymentStore } from '../../src/adapters/memory/memory-payment-store.ts';
import type { News } from '../../src/core/effects.ts';
import { paymentJson } from '../../src/operate/payment-json.ts';
import { isWanted } from '../../src/payments/event-patterns.ts';
import type { PaymentView } from '../../src/payments/payment.ts';
import { NOW } from '../support/clock.ts';
import { mapBody, paymentMapping } from './webhooks.ts';

const STORIES_FOLDER = join(import.meta.dirname, '../../../shared/cases/stories');
export const STORIES_MISSING = existsSync(STORIES_FOLDER)
  ? null
  : 'there is no folder shared/cases/stories beside the project';

interface NewsWanted {
  readonly type?: string;
  readonly body?: number;
  readonly count?: number;
  readonly min?: number;
}

interface SumsWanted {
  readonly id: string;
  readonly flags?: readonly string[] | 'some';
  readonly fee?: string;
  readonly gone?: string;
  readonly exponent?: number;
  readonly disputes?: readonly Readonly<Record<string, unknown>>[];
  readonly refunds?: readonly Readonly<Record<string, unknown>>[];
}

export interface Story {
  readonly name: string;
  readonly provider: string;
  readonly settings?: { readonly isAdyenCaptureAutomatic?: boolean };
  readonly bodies: readonly object[];
  readonly expect: {
    readonly payments?: readonly (SumsWanted & Shown)[];
    readonly absent?: readonly string[];
    readonly news?: readonly NewsWanted[];
    readonly webhooks?: readonly { readonly body: number; readonly status: string }[];
    readonly deadLetters?: number;
  };
}

export const readStories = (): readonly Story[] =>
  STORIES_MISSING !== null
    ? []
    : readdirSync(STORIES_FOLDER)
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({
          ...JSON.parse(readFileSync(join(STORIES_FOLDER, file), 'utf8')),
          name: file.replace('.json', ''),
        }));

/** A payment as the command line shows it. */
export type Shown = Readonly<Record<string, unknown>>;

export interface Told {
  readonly body: number;
  readonly status: 'processed' | 'ignored' | 'dead_lettered';
  readonly events: readonly { readonly type: string; readonly news: News }[];
}

export interface Telling {
  readonly told: readonly Told[];
  /** As `payments show --json` shows them. */
  find(id: string): Promise<readonly Shown[]>;
}

export interface TellingInMemory extends Telling {
  views(id: string): Promise<readonly PaymentView[]>;
}

const settingsOf = ({ settings }: Story): object => ({
  isCaptureAutomatic: settings?.isAdyenCaptureAutomatic ?? false,
});

/** Applies the bodies with these numbers, counted from 1, in this order. */
export const tell = async (story: Story, order: readonly number[]): Promise<TellingInMemory> => {
  const store = createMemoryPaymentStore();
  const told: Told[] = [];
  for (const body of order) {
    const mapped = mapBody(story.provider, story.bodies[body - 1] ?? {}, settingsOf(story));
    if (mapped.outcome !== 'events') {
      told.push({ body, status: mapped.outcome === 'shape_unexpected' ? 'dead_lettered' : 'ignored', events: [] });
      continue;
    }
    const news = new Map<string, News>();
    const { payments, subjects } = paymentMapping.changesOf(mapped.events);
    for (const change of payments) {
      const result = await store.apply(change, NOW);
      if (result.outcome === 'applied') for (const one of result.received) news.set(one.eventId, one.news);
    }
    for (const change of subjects) {
      const received = await store.applyToSubject(change, NOW);
      news.set(received.eventId, received.news);
    }
    const events = mapped.events.map(({ id, type }) => ({ type, news: news.get(id) ?? 'news' }));
    told.push({ body, status: 'processed', events });
  }
  return {
    told,
    find: async (id) => (await store.find(id)).map(paymentJson),
    views: async (id) => (await store.find(id)).map(({ payment }) => payment),
  };
};

/** Amounts as the stories write them: smallest units as text. */
const withMinorAlone = (value: unknown): Shown =>
  JSON.parse(
    JSON.stringify(value, (_, member) =>
      typeof member === 'object' && member !== null && 'minor' in member ? String(member.minor) : member,
    ),
  );

const sum = (values: readonly unknown[]): string =>
  String(values.reduce((total: bigint, value) => total + BigInt(String(value ?? 0)), 0n));

const differences = (shown: Shown, wanted: SumsWanted & Shown): readonly string[] => {
  const found = withMinorAlone(shown);
  const problems: string[] = [];
  const compare = (name: string, is: unknown, right: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(right)) {
      problems.push(`${wanted.id}: ${name} is ${JSON.stringify(is)}, right is ${JSON.stringify(right)}`);
    }
  };
  for (const [name, right] of Object.entries(wanted)) {
    switch (name) {
      case 'id':
        break;
      case 'fee':
        compare(name, sum(found.fees as readonly unknown[]), right);
        break;
      case 'gone':
        compare(name, sum([found.refunded, found.reversed, found.disputed]), right);
        break;
      case 'exponent':
        compare(name, (shown.captured as { exponent: number } | null)?.exponent, right);
        break;
      case 'flags':
        if (right === 'some') compare('has flags', (found.flags as readonly string[]).length > 0, true);
        else compare(name, found.flags, right);
        break;
      case 'disputes':
      case 'refunds':
        for (const { id, ...fields } of wanted[name] ?? []) {
          const all = found[name] as readonly Record<string, unknown>[];
          const one = all.find((item) => (item.disputeId ?? item.refundId) === id);
          for (const [field, of] of Object.entries(fields)) {
            if (!(Array.isArray(of) && of.includes(one?.[field]))) compare(`${name} ${id} ${field}`, one?.[field], of);
          }
        }
        break;
      default:
        compare(name, found[name] ?? '0', right);
    }
  }
  return problems;
};

/** What is wrong in every order. */
export const problemsOfSums = async ({ expect }: Story, { told, find }: Telling): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const wanted of expect.payments ?? []) {
    const [shown] = await find(wanted.id);
    if (shown === undefined) problems.push(`${wanted.id} is no payment`);
    else problems.push(...differences(shown, wanted));
  }
  for (const id of expect.absent ?? []) {
    if ((await find(id)).length > 0) problems.push(`${id} became a payment`);
  }
  const dead = new Set(told.filter(({ status }) => status === 'dead_lettered').map(({ body }) => body));
  if (dead.size !== (expect.deadLetters ?? dead.size)) problems.push(`dead letters of bodies ${[...dead].join(', ')}`);
  return problems;
};

/** What is wrong in the given order. */
export const problemsOfNews = ({ expect }: Story, { told }: Telling): readonly string[] => {
  const problems: string[] = [];
  for (const { type = '*', body, count, min } of expect.news ?? []) {
    const news = told
      .filter((one) => body === undefined || one.body === body)
      .flatMap(({ events }) => events)
      .filter((one) => one.news === 'news' && isWanted([type], one.type));
    const isWrong = count === undefined ? news.length < (min ?? 0) : news.length !== count;
    if (isWrong)
      problems.push(`${news.length} news of ${type} in body ${body ?? 'any'}, right is ${count ?? `${min} or more`}`);
  }
  for (const { body, status } of expect.webhooks ?? []) {
    const is = told.find((one) => one.body === body)?.status;
    if (is !== status) problems.push(`body ${body} ends as ${is}, right is ${status}`);
  }
  return problems;
};
