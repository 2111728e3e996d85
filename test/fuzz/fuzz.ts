/**
 * Sends changed deliveries to the verifiers, and holds whatever they take against what was really signed. Nothing may be
 * taken that says something else, nothing may throw, and nothing may cost more than 50 ms.
 */
import { createHash } from 'node:crypto';
import type { Delivery, Provider } from '../../src/core/ports/provider.ts';
import { type IdentifiedEvent, identifyEvents } from '../../src/receive/identify.ts';
import { NOW, verifyInput } from '../providers/provider-inputs.ts';
import { type Corpus, createCorpus, FUZZ_SETTINGS } from './corpus.ts';
import { drawOf } from './draw.ts';
import { factsOf } from './facts.ts';
import { type Case, drawCase } from './mutate.ts';

/** What no input of a stranger may cost. */
export const MILLISECONDS_MAX = 50;

export interface Finding {
  readonly what: 'forged' | 'threw' | 'slow' | 'control';
  readonly provider: string;
  /** Of the case, for `--seed s --from n --count 1`. */
  readonly number: number;
  readonly detail: string;
}

export interface Tally {
  cases: number;
  taken: number;
  readonly byProvider: Map<string, { cases: number; taken: number }>;
  slowestMs: number;
  readonly findings: Finding[];
}

const FINDINGS_MAX = 20;

/** The events of a delivery that is taken; null of one that is not. */
const judge = async (
  { certificates, secrets }: Corpus,
  { provider, delivery }: Case,
): Promise<readonly IdentifiedEvent[] | null> => {
  const overrides = { settings: FUZZ_SETTINGS, certificates, now: NOW };
  const verification = await provider.verify(verifyInput(delivery, secrets.get(provider.name) ?? [], overrides));
  if (verification.outcome !== 'verified') return null;
  const bodySha256 = createHash('sha256').update(delivery.body).digest('hex');
  return identifyEvents(provider, delivery, verification, bodySha256);
};

/** CPU of this process for one case alone: a busy machine costs time, not work. The least of several is what it needs. */
const cpuMs = async (corpus: Corpus, one: Case): Promise<number> => {
  const times: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const before = process.cpuUsage();
    await judge(corpus, one).catch(() => null);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
};

/** What was signed, by provider: the facts of each sample as it is. */
const signedFacts = async (corpus: Corpus, tally: Tally): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const facts = new Map<string, Set<string>>();
  for (const { provider, delivery } of corpus.signed) {
    const events = await judge(corpus, { provider, delivery });
    if (events === null) {
      tally.findings.push({
        what: 'control',
        provider: provider.name,
        number: -1,
        detail: 'a signed sample is not taken',
      });
      continue;
    }
    const known = facts.get(provider.name) ?? new Set();
    for (const fact of factsOf(provider.name, delivery, events)) known.add(fact);
    facts.set(provider.name, known);
  }
  return facts;
};

const shown = ({ headers, body }: Delivery): string =>
  JSON.stringify({ headers: [...headers], body: Buffer.from(body).toString('latin1').slice(0, 2000) });

const count = (tally: Tally, { name }: Provider, isTaken: boolean): void => {
  const of = tally.byProvider.get(name) ?? { cases: 0, taken: 0 };
  tally.byProvider.set(name, of);
  for (const each of [tally, of]) {
    each.cases += 1;
    if (isTaken) each.taken += 1;
  }
};

export interface FuzzOptions {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** Stops when it says so, between two cases. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (tally: Tally) => void;
  /** Another verifier in the place of each, to see that the fuzz finds what is wrong with it. @default the provider itself */
  readonly tested?: (provider: Provider) => Provider;
}

const PROGRESS_EVERY = 50_000;

const tryCase = async (
  corpus: Corpus,
  facts: ReadonlyMap<string, ReadonlySet<string>>,
  tally: Tally,
  one: Case,
  number: number,
): Promise<void> => {
  const provider = one.provider.name;
  const report = (what: Finding['what'], detail: string): void =>
    void tally.findings.push({ what, provider, number, detail });
  const startedAt = performance.now();
  let events: readonly IdentifiedEvent[] | null = null;
  try {
    events = await judge(corpus, one);
  } catch (thrown) {
    report('threw', `${thrown}\n${shown(one.delivery)}`);
  }
  const tookMs = performance.now() - startedAt;
  if (tookMs > MILLISECONDS_MAX / 2) {
    const alone = await cpuMs(corpus, one);
    tally.slowestMs = Math.max(tally.slowestMs, alone);
    if (alone > MILLISECONDS_MAX) report('slow', `${alone.toFixed(1)} ms\n${shown(one.delivery)}`);
  }
  count(tally, one.provider, events !== null);
  for (const fact of events === null ? [] : factsOf(provider, one.delivery, events)) {
    if (facts.get(provider)?.has(fact) !== true) report('forged', `${fact}\n${shown(one.delivery)}`);
  }
};

export const fuzz = async ({ seed, from, count: total, isOver, onProgress, tested }: FuzzOptions): Promise<Tally> => {
  const tally: Tally = { cases: 0, taken: 0, byProvider: new Map(), slowestMs: 0, findings: [] };
  const corpus = await createCorpus();
  const facts = await signedFacts(corpus, tally);
  for (let number = from; number < from + total; number += 1) {
    if (tally.findings.length >= FINDINGS_MAX || isOver?.() === true) break;
    const drawn = drawCase(corpus.signed, drawOf(seed, number));
    const one = tested === undefined ? drawn : { ...drawn, provider: tested(drawn.provider) };
    await tryCase(corpus, facts, tally, one, number);
    if (tally.cases % PROGRESS_EVERY === 0) onProgress?.(tally);
  }
  return tally;
};
