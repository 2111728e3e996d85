import { describe, expect, test } from 'vitest';
import { LIMITS } from '../core/limits.ts';
import { on } from './on.ts';
import { readHandlers } from './read-handlers.ts';

const nothing = () => undefined;

describe('the handlers module', () => {
  test('gives every export of on() under its name, and handle', () => {
    const ship = on('payment.succeeded', nothing);
    const book = on('refund.*', nothing);

    const read = readHandlers({ ship, book, handle: nothing, SHIPPING_DAYS: 3, formatName: nothing });

    expect(read).toEqual({
      outcome: 'read',
      handlers: {
        webhookHandler: nothing,
        eventHandlers: [
          { ...book, name: 'book' },
          { ...ship, name: 'ship' },
        ],
      },
    });
  });

  test('may consist of handle alone', () => {
    expect(readHandlers({ handle: nothing })).toEqual({
      outcome: 'read',
      handlers: { webhookHandler: nothing, eventHandlers: [] },
    });
  });

  test.each([
    ['nothing', {}, 'exports nothing: it must export handlers made by on('],
    ['other things', { ship: nothing, days: 3 }, 'exports ship, days: it must export handlers made by on('],
    ['a handle that is no function', { handle: 3 }, 'exports a handle that is no function'],
    [
      'too many handlers',
      Object.fromEntries(Array.from({ length: LIMITS.handlersMax + 1 }, (_, n) => [`h${n}`, on('*', nothing)])),
      `exports ${LIMITS.handlersMax + 1} handlers: at most ${LIMITS.handlersMax} are allowed`,
    ],
  ])('is refused when it exports %s', (_, module, said) => {
    const read = readHandlers(module);

    expect(read.outcome).toBe('unusable');
    expect(read.outcome === 'unusable' && read.problem).toContain(said);
  });
});
