import { describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { createTestRandomness } from '../../../test/support/randomness.ts';
import { LIMITS } from '../../core/limits.ts';
import { createWaitingBrowsers } from './waiting-browsers.ts';

const open = () => {
  const clock = createTestClock();
  let tokens = 0;
  const newToken = (): string => {
    tokens += 1;
    return `token ${tokens}`;
  };
  return { clock, waiting: createWaitingBrowsers({ clock, randomness: createTestRandomness(), newToken }) };
};

describe('a browser that was opened without a link', () => {
  test('waits until its number is typed, and is let in once', () => {
    const { waiting } = open();
    const { number, ticket } = waiting.add();

    expect(number).toMatch(/^\d{6}$/);
    expect(waiting.ask(ticket)).toEqual({ outcome: 'waits' });
    expect(waiting.admit(number)).toBe(true);
    expect(waiting.ask(ticket)).toEqual({ outcome: 'admitted', token: 'token 1' });
    expect(waiting.ask(ticket)).toEqual({ outcome: 'over' });
    expect(waiting.admit(number)).toBe(false);
  });

  test('is not let in by the number of another one, nor is another one by its own', () => {
    const { waiting } = open();
    const [mine, other] = [waiting.add(), waiting.add()];

    expect(mine.number).not.toBe(other.number);
    waiting.admit(mine.number);
    expect(waiting.ask(other.ticket)).toEqual({ outcome: 'waits' });
    expect(waiting.ask('no ticket')).toEqual({ outcome: 'over' });
  });

  test('waits for two minutes', () => {
    const { clock, waiting } = open();
    const { number, ticket } = waiting.add();
    clock.advance(LIMITS.consoleLinkMsMax + 1);

    expect(waiting.admit(number)).toBe(false);
    expect(waiting.ask(ticket)).toEqual({ outcome: 'over' });
  });

  test('takes the place of the oldest where too many wait', () => {
    const { waiting } = open();
    const first = waiting.add();
    for (let more = 0; more < LIMITS.consoleLinksMax; more += 1) waiting.add();

    expect(waiting.admit(first.number)).toBe(false);
  });
});
