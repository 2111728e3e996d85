/** Changes of Adyen's notifications by somebody who knows how they are signed and has seen some: items, fields, colons. */
import type { Delivery } from '../../src/core/ports/provider.ts';
import type { Draw } from './draw.ts';

type Item = Record<string, unknown>;
interface Notification {
  notificationItems: { NotificationRequestItem: Item }[];
  [member: string]: unknown;
}

const SIGNED = [
  'pspReference',
  'originalReference',
  'merchantAccountCode',
  'merchantReference',
  'eventCode',
  'success',
];

const read = ({ body }: Delivery): Notification | null => {
  try {
    const value = JSON.parse(Buffer.from(body).toString());
    return Array.isArray(value.notificationItems) && value.notificationItems.length > 0 ? value : null;
  } catch {
    return null;
  }
};

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

const joinedOf = (item: Item): readonly string[] => {
  const amount = (item.amount ?? {}) as Item;
  return [item.pspReference, item.originalReference, item.merchantAccountCode, item.merchantReference]
    .concat([amount.value, amount.currency, item.eventCode, item.success])
    .map(textOf);
};

const fieldsFrom = ([psp, original, account, reference, value, currency, code, success]: readonly string[]): Item => ({
  pspReference: psp,
  originalReference: original,
  merchantAccountCode: account,
  merchantReference: reference,
  amount: { value: /^\d+$/.test(value ?? '') ? Number(value) : value, currency },
  eventCode: code,
  success,
});

/** The same text, cut at other colons. */
const cutElsewhere = (item: Item, draw: Draw): Item => {
  const pieces = joinedOf(item).join(':').split(':');
  if (pieces.length < 8) return item;
  const cuts = new Set<number>();
  while (cuts.size < 7) cuts.add(1 + draw.int(pieces.length - 1));
  const ends = [...cuts].sort((a, b) => a - b);
  const parts = [...ends, pieces.length].map((end, index) =>
    pieces.slice(index === 0 ? 0 : ends[index - 1], end).join(':'),
  );
  return { ...item, ...fieldsFrom(parts) };
};

const oddValueOf = (value: unknown, draw: Draw): unknown =>
  draw.one([
    Number(value),
    [value],
    { value },
    null,
    undefined,
    '',
    true,
    false,
    `${value}`,
    ` ${value}`,
    `${value}\ud800`,
  ]);

const changes: readonly ((item: Item, draw: Draw, other: Item) => Item)[] = [
  cutElsewhere,
  (item, draw) => {
    const field = draw.one(SIGNED);
    return { ...item, [field]: oddValueOf(item[field], draw) };
  },
  (item, draw) => {
    const amount = (item.amount ?? {}) as Item;
    const field = draw.one(['value', 'currency']);
    return { ...item, amount: { ...amount, [field]: oddValueOf(amount[field], draw) } };
  },
  (item, draw, other) => ({ ...item, [draw.one(SIGNED)]: other[draw.one(SIGNED)] }),
  (item, _, other) => ({ ...item, additionalData: other.additionalData }),
  (item, _, other) => ({ ...other, additionalData: item.additionalData }),
  (item, draw) => ({ ...item, [draw.one(['eventDate', 'reason', 'live', 'paymentMethod'])]: oddValueOf('x', draw) }),
  (item, draw) => ({
    ...item,
    additionalData: { ...(item.additionalData as Item), 'modification.action': oddValueOf('refund', draw) },
  }),
  (item, draw) => ({ ...item, [draw.one(SIGNED).toUpperCase()]: 'x', __proto__: { success: 'true' } }),
];

const withBody = (delivery: Delivery, value: unknown): Delivery => ({
  ...delivery,
  body: Buffer.from(JSON.stringify(value)),
});

const signatureIn = (item: Item): string => textOf((item.additionalData as Item | undefined)?.hmacSignature);

/** Null when it is no notification. `other` is another delivery that was really signed. */
export const mutateAdyen = (delivery: Delivery, draw: Draw, other: Delivery): Delivery | null => {
  const notification = read(delivery);
  const others = read(other)?.notificationItems ?? [];
  if (notification === null) return swapIntoItem(delivery, draw);
  const items = notification.notificationItems;
  const chosen = draw.int(items.length);
  const item = items[chosen]?.NotificationRequestItem ?? {};
  const otherItem = (others.length === 0 ? items : others)[0]?.NotificationRequestItem ?? {};
  switch (draw.int(6)) {
    case 0:
      return withBody(delivery, { ...notification, notificationItems: [...items, ...items, ...others] });
    case 1:
      return withBody(delivery, {
        ...notification,
        notificationItems: draw.chance(0.5) ? [...others, ...items] : others,
      });
    case 2:
      return withBody(delivery, {
        ...notification,
        [draw.one(['live', 'x', 'pspReference', 'success'])]: draw.one(['true', 'false', 1, {}]),
      });
    case 3:
      return {
        ...delivery,
        body: Buffer.from(joinedOf(item).join(':')),
        headers: new Map([...delivery.headers, ['hmacsignature', [signatureIn(item)]]]),
      };
    default: {
      const changed = draw.one(changes)(item, draw, otherItem);
      const notificationItems = items.map((one, index) =>
        index === chosen ? { NotificationRequestItem: changed } : one,
      );
      return withBody(delivery, { ...notification, notificationItems });
    }
  }
};

/** A body that is signed in its header, as the fields of an item with that signature. */
const swapIntoItem = (delivery: Delivery, draw: Draw): Delivery | null => {
  const signature = delivery.headers.get('hmacsignature')?.[0];
  if (signature === undefined) return null;
  const item = cutElsewhere(fieldsFrom(['', '', '', Buffer.from(delivery.body).toString(), '', '', '', '']), draw);
  const whole = { ...item, additionalData: { hmacSignature: signature } };
  const headers = new Map([...delivery.headers].filter(([name]) => name !== 'hmacsignature'));
  return { ...withBody(delivery, { notificationItems: [{ NotificationRequestItem: whole }] }), headers };
};
