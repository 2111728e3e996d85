/** Telling a few webhooks of Stripe to a store, for tests of what they add up to. */
import { type Story, tell } from './stories.ts';
import { stripeEvent } from './webhooks.ts';

export type Sent = readonly [type: string, object: object, second: number];

export const START = 1_772_368_000;

/** Told in order and backwards: the news in order, and what the payment is after each. */
export const toldOf = async (...sent: readonly Sent[]) => {
  const bodies = sent.map(([type, object, second]) => stripeEvent(type, object, { created: START + second }));
  const story: Story = { name: '', provider: 'stripe', bodies, expect: {} };
  const numbers = bodies.map((_, index) => index + 1);
  const { told, views: viewsOf } = await tell(story, numbers);
  const backwards = await tell(story, numbers.toReversed());
  const views = [(await viewsOf('pi_1'))[0], (await backwards.views('pi_1'))[0]];
  const news = told.map(({ events }) => events.map(({ type, news: how }) => `${type} ${how}`).join());
  return { news, views };
};
