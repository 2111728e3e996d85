import { describe, expect, test } from 'vitest';
import { ALERTS, openHttpAlerts, URL_OF_RECEIVER } from './alerts-adapters.ts';
import { alertOf, describeAlerts } from './alerts-contract.ts';

for (const { name, open, ...options } of ALERTS) describeAlerts(name, open, options);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('createHttpAlerts', () => {
  test('posts JSON to the configured URL, follows no redirect and does not wait for ever', () => {
    const { alerts, posts } = openHttpAlerts({ receiver: 'takes' });

    alerts.raise(alertOf());

    expect(posts[0]).toMatchObject({
      url: URL_OF_RECEIVER,
      init: { method: 'POST', headers: { 'content-type': 'application/json' }, redirect: 'error' },
    });
    expect(posts[0]?.init.signal).toBeInstanceOf(AbortSignal);
  });

  test('logs every alert, also where there is no URL and where a post was left out', () => {
    for (const url of [null, URL_OF_RECEIVER]) {
      const { alerts, logger } = openHttpAlerts({ receiver: 'takes', url });
      const { summary } = alertOf();

      for (let count = 0; count < 3; count += 1) alerts.raise(alertOf());

      expect(logger.lines).toHaveLength(3);
      expect(logger.lines[2]).toEqual({
        level: 'warn',
        event: 'alert.raised',
        fields: { kind: 'dead_letter', message: summary, provider: 'stripe', webhook_id: 'stripe:evt_1' },
      });
    }
  });

  test('posts nothing where there is no URL', () => {
    const { alerts, posts } = openHttpAlerts({ receiver: 'takes', url: null });

    alerts.raise(alertOf());

    expect(posts).toEqual([]);
  });

  test('posts the next alert of a kind after a minute', () => {
    const { alerts, received, clock } = openHttpAlerts({ receiver: 'takes' });
    alerts.raise(alertOf({ webhookId: 'stripe:evt_1' }));
    clock.advance(59_999);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_2' }));
    clock.advance(1);
    alerts.raise(alertOf({ webhookId: 'stripe:evt_3' }));

    expect(received().map((alert) => alert.webhookId)).toEqual(['stripe:evt_1', 'stripe:evt_3']);
  });

  test('regression: posts again when the machine’s clock was set back', () => {
    const { alerts, received, clock } = openHttpAlerts({ receiver: 'takes' });
    alerts.raise(alertOf());

    clock.advance(-24 * 60 * 60 * 1000);
    alerts.raise(alertOf());

    expect(received()).toHaveLength(2);
  });

  test('logs a post that failed without the address, which may hold a token', async () => {
    const { alerts, logger } = openHttpAlerts({ receiver: 'fails' });

    alerts.raise(alertOf());
    await nextTurn();

    expect(logger.lines[1]).toMatchObject({ event: 'alert.not_delivered', fields: { kind: 'dead_letter' } });
    expect(JSON.stringify(logger.lines)).not.toContain('canary');
  });

  test('logs the status of a receiver that refuses', async () => {
    const { alerts, logger, answer } = openHttpAlerts({ receiver: 'hangs' });
    answer.resolve(new Response('no', { status: 403 }));

    alerts.raise(alertOf());
    await nextTurn();
    await nextTurn();

    expect(logger.lines[1]?.fields).toEqual({ kind: 'dead_letter', http_status: 403 });
  });
});
