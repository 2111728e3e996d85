import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { generateDestinationSecret } from './destination-secret.ts';
import { signingKeysOf, signMessage } from './sign-message.ts';

const newSecret = (): string => generateDestinationSecret(randomBytes);

const MESSAGE = {
  id: 'stripe:evt_1#2',
  type: 'payment.succeeded',
  occurredAt: null,
  body: '{"type":"payment.succeeded","data":{"name":"Zoë €"}}',
};

describe('signMessage', () => {
  test('is the example of the specification', () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      type: 'test',
      occurredAt: null,
      body: '{"test": 2432232314}',
    };
    const keys = signingKeysOf('ledger', ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);

    expect(signMessage(message, keys, 1_614_265_330_999)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('is verified with each of the secrets by the official library, and with no other', () => {
    const secrets = [newSecret(), newSecret()];

    const headers = signMessage(MESSAGE, signingKeysOf('ledger', secrets), Date.now());

    for (const secret of secrets)
      expect(new Webhook(secret).verify(MESSAGE.body, headers)).toEqual(JSON.parse(MESSAGE.body));
    expect(() => new Webhook(newSecret()).verify(MESSAGE.body, headers)).toThrow();
    expect(() => new Webhook(secrets[0] ?? '').verify(`${MESSAGE.body} `, headers)).toThrow();
  });

  test('leaves no full stop in the id, which joins what is signed, and lets no two ids become one', () => {
    const keys = signingKeysOf('ledger', [newSecret()]);
    const idOf = (id: string): string => signMessage({ ...MESSAGE, id }, keys, 0)['webhook-id'];

    expect(idOf('adyen:Shop.EU:1')).toBe('adyen:Shop%2EEU:1');
    expect(idOf('adyen:Shop%2EEU:1')).toBe('adyen:Shop%252EEU:1');
    expect(idOf(MESSAGE.id)).toBe(MESSAGE.id);
  });
});

describe('signingKeysOf', () => {
  test('names the destination that has no secret', () => {
    expect(() => signingKeysOf('ledger', [])).toThrow(
      expect.objectContaining({ code: 'secrets_unavailable', message: expect.stringContaining('ledger') }),
    );
  });

  test.each([
    ['no prefix', randomBytes(32).toString('base64')],
    ['another prefix', `whpk_${randomBytes(32).toString('base64')}`],
    ['too few bytes', `whsec_${randomBytes(23).toString('base64')}`],
    ['too many bytes', `whsec_${randomBytes(65).toString('base64')}`],
    ['what is no base64', 'whsec_not+base64+at+all!+not+base64+at+all'],
    ['nothing', ''],
  ])('refuses a secret with %s, without quoting it', (_what, secret) => {
    let thrown: unknown;
    try {
      signingKeysOf('ledger', [newSecret(), secret]);
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({ code: 'configuration_invalid', message: expect.stringContaining('ledger') });
    if (secret !== '') expect(String(thrown)).not.toContain(secret);
  });
});
