/** One case: a signed delivery, changed once or a few times, and the provider that it is sent to. */
import type { Delivery, Provider } from '../../src/core/ports/provider.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import type { Signed } from './corpus.ts';
import type { Draw } from './draw.ts';
import { mutateAdyen } from './mutate-adyen.ts';
import { mutateBytes } from './mutate-bytes.ts';

const withHeader = (delivery: Delivery, name: string, values: readonly string[]): Delivery => ({
  ...delivery,
  headers: new Map([...delivery.headers, [name, values]]),
});

type MutateValue = (value: string, draw: Draw, other: string) => readonly string[];

const valueChanges: readonly MutateValue[] = [
  (value, draw) => {
    const bytes = Buffer.from(value, 'latin1');
    const index = draw.int(bytes.length);
    bytes[index] = (bytes[index] ?? 0) ^ (1 << draw.int(8));
    return [bytes.toString('latin1')];
  },
  (value) => [value, value],
  (value, _, other) => [value, other],
  (_, __, other) => [other],
  (value, _, other) => [`${value},${other}`],
  (value, _, other) => [`${other} ${value}`],
  (value, draw) => [value.slice(0, draw.int(value.length))],
  (value) => [value.toUpperCase()],
  (value) => [value.toLowerCase()],
  (value, draw) => [draw.one([` ${value}`, `${value} `, `"${value}"`, `${value}=`, `${value}\u00a0`, `v0=${value}`])],
  (value, draw) => [
    value.replace(/\d/, (digit) => String.fromCodePoint(0xff10 + Number(digit))).concat(draw.one(['', ''])),
  ],
  (value, draw) => [
    value.replace(/\d+/, (digits) =>
      draw.one([`0${digits}`, `+${digits}`, `${digits}.0`, `${Number(digits) + 1}`, '']),
    ),
  ],
  (value) => [
    Array.from({ length: 300 }, () => value)
      .join(',')
      .slice(0, 16_000),
  ],
  (value) => [
    Array.from({ length: 300 }, () => value)
      .join(' ')
      .slice(0, 16_000),
  ],
  () => [''],
];

const mutateHeaders = (delivery: Delivery, draw: Draw, other: Delivery): Delivery => {
  const names = [...delivery.headers.keys()];
  const name = draw.one(names);
  if (draw.chance(0.1)) return { ...delivery, headers: new Map([...delivery.headers].filter(([one]) => one !== name)) };
  if (draw.chance(0.1)) return { ...delivery, headers: new Map([...delivery.headers, ...other.headers]) };
  if (draw.chance(0.05)) return { ...delivery, headers: other.headers };
  const value = delivery.headers.get(name)?.[0] ?? '';
  const otherValue = other.headers.get(name)?.[0] ?? other.headers.get(draw.one([...other.headers.keys()]))?.[0] ?? '';
  return withHeader(delivery, name, draw.one(valueChanges)(value, draw, otherValue));
};

const mutateOnce = (delivery: Delivery, provider: Provider, draw: Draw, other: Delivery): Delivery => {
  if (provider.name === 'adyen' && draw.chance(0.6)) return mutateAdyen(delivery, draw, other) ?? delivery;
  if (draw.chance(0.35)) return mutateHeaders(delivery, draw, other);
  if (draw.chance(0.05)) return { ...delivery, body: other.body };
  if (draw.chance(0.02))
    return { ...delivery, publicUrl: draw.one([`${delivery.publicUrl}/`, 'https://evil.example/', '']) };
  return { ...delivery, body: mutateBytes(Buffer.from(delivery.body), draw) };
};

export interface Case {
  readonly provider: Provider;
  readonly delivery: Delivery;
}

export const drawCase = (signed: readonly Signed[], draw: Draw): Case => {
  const { provider, delivery } = draw.one(signed);
  const ofProvider = signed.filter((one) => one.provider === provider);
  let changed = delivery;
  const changes = draw.chance(0.75) ? 1 : 2 + draw.int(2);
  for (let count = 0; count < changes; count += 1) {
    const other = draw.one(draw.chance(0.8) ? ofProvider : signed).delivery;
    changed = mutateOnce(changed, provider, draw, other);
  }
  return { provider: draw.chance(0.03) ? draw.one(PROVIDERS) : provider, delivery: changed };
};
