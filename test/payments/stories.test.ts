/** Payments are what the provider's dashboard says they are: life stories with their right values, in every order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeUnless } from '../support/describe-unless.ts';
import { OWN_STORIES } from './own-stories.ts';
import { problemsOfNews, problemsOfSums, readStories, STORIES_MISSING, type Story, tell } from './stories.ts';

const ORDERS = 40;

const defineStoryTests = (stories: readonly Story[]): void => {
  test.each(stories)('$name is told right in the order of what happened', async (story) => {
    const telling = await tell(
      story,
      story.bodies.map((_, index) => index + 1),
    );

    expect([...(await problemsOfSums(story, telling)), ...problemsOfNews(story, telling)]).toEqual([]);
  });

  test.each(stories)('$name adds up to the same backwards, shuffled and with repeated deliveries', async (story) => {
    const numbers = story.bodies.map((_, index) => index + 1);
    const shuffled = fc.sample(fc.shuffledSubarray([...numbers, ...numbers], { minLength: numbers.length * 2 }), {
      numRuns: ORDERS,
      seed: 1,
    });

    for (const order of [numbers.toReversed(), ...shuffled]) {
      expect(await problemsOfSums(story, await tell(story, order)), `order ${order.join(' ')}`).toEqual([]);
    }
  });
};

describeUnless(STORIES_MISSING, 'The story', () => defineStoryTests(readStories()));

describe('Our own story', () => defineStoryTests(OWN_STORIES));
