import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createScriptedProvider } from '../../test/support/scripted-provider.ts';
import type { Delivery } from '../core/ports/provider.ts';
import { canBeMarked, SYNTHETIC_HEADER, syntheticMark, syntheticReachOf } from './synthetic-mark.ts';

const SECRET = { id: 'acme#1', value: 'whsec_0123456789abcdef' };
const BODY = '{"id":"evt_1","amount":2000}';
const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');

const deliveryWith = (...marks: readonly string[]): Delivery => ({
  body: Buffer.from(BODY),
  headers: new Map(marks.length === 0 ? [] : [[SYNTHETIC_HEADER, marks]]),
  method: 'POST',
  query: '',
  publicUrl: null,
});

const acme = createScriptedProvider();
const MARKED = { provider: acme, bodySha256: sha256(BODY) };
const reachOf = (delivery: Delivery, overrides: Partial<Parameters<typeof syntheticReachOf>[0]> = {}) =>
  syntheticReachOf({ ...MARKED, delivery, secret: SECRET, ...overrides });

describe('the mark of a synthetic webhook', () => {
  test.each(['kept', 'passed_on'] as const)('says that it is %s', (reach) => {
    expect(reachOf(deliveryWith(syntheticMark(MARKED, SECRET.value, reach)))).toBe(reach);
  });

  test('is not there on what a provider sends', () => {
    expect(reachOf(deliveryWith())).toBe(null);
  });

  const mark = syntheticMark(MARKED, SECRET.value, 'kept');
  const [, code = ''] = mark.split(' ');
  test.each([
    ['of another body', deliveryWith(mark), { bodySha256: sha256(`${BODY} `) }],
    ['of another provider', deliveryWith(mark), { provider: createScriptedProvider({ name: 'other' }) }],
    ['made with another secret', deliveryWith(syntheticMark(MARKED, 'a guess', 'kept')), {}],
    ['of a secret that did not verify the delivery', deliveryWith(mark), { secret: undefined }],
    ['that says more than was marked', deliveryWith(`passed_on ${code}`), {}],
    ['of a reach that there is not', deliveryWith(`everywhere ${code}`), {}],
    ['without its code', deliveryWith('kept'), {}],
    ['that is cut', deliveryWith(mark.slice(0, -1)), {}],
    ['that is twice there', deliveryWith(mark, mark), {}],
    ['of nothing', deliveryWith(''), {}],
  ])('is as if it were not there: %s', (_, delivery, overrides) => {
    expect(reachOf(delivery, overrides)).toBe(null);
  });

  test('is never believed where the configured value is no secret, because a certificate signs', () => {
    const provider = createScriptedProvider({
      developmentCertificate: {
        commonName: 'acme.test',
        url: 'https://acme.test/cert',
        trusting: (settings) => settings,
      },
    });
    const marked = { provider, bodySha256: sha256(BODY) };
    const delivery = deliveryWith(syntheticMark(marked, SECRET.value, 'kept'));

    expect(canBeMarked(provider)).toBe(false);
    expect(reachOf(delivery, marked)).toBe(null);
  });
});
