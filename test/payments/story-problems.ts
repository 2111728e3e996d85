/** The life stories told to a home that runs, and what came out otherwise than it should. */
import fc from 'fast-check';
import { problemsOfNews, problemsOfSums, type Story, type Telling } from './stories.ts';

/** A home whose Adyen account captures as the stories say. */
export interface Teller {
  /** Sends the bodies with these numbers, counted from 1, one after the other. */
  tell(story: Story, order: readonly number[]): Promise<Telling>;
  /** How many stories it can be told side by side. */
  readonly storiesAtOnce: number;
}

const numbersOf = ({ bodies }: Story): readonly number[] => bodies.map((_, index) => index + 1);

/** Looks only once all are told: what one story leaves behind must not change another. */
const problemsOf = async (
  teller: Teller,
  stories: readonly Story[],
  orderOf: (story: Story) => readonly number[],
  look: (story: Story, telling: Telling) => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  const tellings = new Map<Story, Telling>();
  const rest = stories[Symbol.iterator]();
  const tellNext = async (): Promise<void> => {
    for (const story of rest) tellings.set(story, await teller.tell(story, orderOf(story)));
  };
  await Promise.all(Array.from({ length: teller.storiesAtOnce }, tellNext));
  const problems: string[] = [];
  for (const [story, telling] of tellings) {
    problems.push(...(await look(story, telling)).map((problem) => `${story.name}: ${problem}`));
  }
  return problems;
};

/** Sums and news, in the order of what happened. */
export const problemsInOrder = (teller: Teller, stories: readonly Story[]): Promise<readonly string[]> =>
  problemsOf(teller, stories, numbersOf, async (story, telling) => [
    ...(await problemsOfSums(story, telling)),
    ...problemsOfNews(story, telling),
  ]);

/** Sums, backwards and each body twice. */
export const problemsBackwards = (teller: Teller, stories: readonly Story[]): Promise<readonly string[]> => {
  const twice = (story: Story): readonly number[] => [
    ...numbersOf(story).toReversed(),
    ...numbersOf(story).toReversed(),
  ];
  return problemsOf(teller, stories, twice, problemsOfSums);
};

/** Sums, in an order that chance has made and each body twice. */
export const problemsShuffled = (teller: Teller, stories: readonly Story[]): Promise<readonly string[]> => {
  const shuffled = (story: Story): readonly number[] => {
    const twice = [...numbersOf(story), ...numbersOf(story)];
    return fc.sample(fc.shuffledSubarray(twice, { minLength: twice.length }), { numRuns: 1, seed: 1 }).flat();
  };
  return problemsOf(teller, stories, shuffled, problemsOfSums);
};

export const isAutomatic = ({ settings }: Story): boolean => settings?.isAdyenCaptureAutomatic ?? false;
