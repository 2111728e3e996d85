/** How a life story of our own is written. */
import type { Story } from './stories.ts';

export type { Story };

/** When each begins, in Unix seconds. */
export const START = 1_772_368_000;

export const story = (name: string, provider: string, bodies: readonly object[], expect: Story['expect']): Story => ({
  name,
  provider,
  bodies,
  expect: { deadLetters: 0, ...expect },
});
