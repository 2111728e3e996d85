/** The purchase behind a sample event: who bought what, and amounts that add up. The same for every provider. */
import type { Draw } from './sample-draw.ts';

export interface SampleAddress {
  readonly line1: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
}

export interface SampleBuyer {
  readonly givenName: string;
  readonly familyName: string;
  readonly name: string;
  /** At example.com, which belongs to nobody (RFC 2606). */
  readonly email: string;
  readonly address: SampleAddress;
}

/** What a receipt shows of a card, and nothing more: never a number. */
export interface SampleCard {
  readonly brand: 'visa' | 'mastercard' | 'amex';
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
}

/** All amounts in minor units of a currency with two decimals: `subtotal + tax + shipping = total`. */
export interface SampleOrder {
  /** The shop's own order number, for example `ORD-48213`. */
  readonly reference: string;
  readonly item: {
    readonly name: string;
    readonly sku: string;
    readonly unitAmount: number;
    readonly quantity: number;
  };
  readonly subtotal: number;
  readonly tax: number;
  readonly shipping: number;
  readonly total: number;
  readonly buyer: SampleBuyer;
  readonly card: SampleCard;
}

const ITEMS = [
  { name: 'Enamel mug', sku: 'MUG-01', unitAmount: 1450 },
  { name: 'Linen notebook, A5', sku: 'NB-A5', unitAmount: 1890 },
  { name: 'Wool blanket', sku: 'BLK-130', unitAmount: 8900 },
  { name: 'Pour-over coffee set', sku: 'COF-SET', unitAmount: 5475 },
  { name: 'Desk lamp', sku: 'LMP-07', unitAmount: 12_900 },
] as const;

const GIVEN_NAMES = ['Jordan', 'Amina', 'Lukas', 'Priya', 'Noor', 'Elena', 'Tom', 'Mei'] as const;
const FAMILY_NAMES = ['Rivera', 'Okafor', 'Novak', 'Sharma', 'Lindqvist', 'Moreau', 'Bennett', 'Müller'] as const;

const ADDRESSES = [
  { line1: '1200 Market Street', city: 'San Francisco', state: 'CA', postalCode: '94102' },
  { line1: '48 Linden Avenue', city: 'Portland', state: 'OR', postalCode: '97204' },
  { line1: '310 Congress Avenue', city: 'Austin', state: 'TX', postalCode: '78701' },
  { line1: '77 Water Street', city: 'Brooklyn', state: 'NY', postalCode: '11201' },
] as const;

/** The last digits of the networks' public test cards. */
const CARDS = [
  { brand: 'visa', last4: '4242' },
  { brand: 'visa', last4: '1111' },
  { brand: 'mastercard', last4: '4444' },
  { brand: 'amex', last4: '0005' },
] as const;

const TAX_PER_MILLE = 85;

export const drawOrder = (draw: Draw, nowYear: number): SampleOrder => {
  const item = draw.pick(ITEMS);
  const quantity = draw.integer(1, 3);
  const subtotal = item.unitAmount * quantity;
  const tax = Math.round((subtotal * TAX_PER_MILLE) / 1000);
  const shipping = draw.pick([0, 495, 995]);
  const givenName = draw.pick(GIVEN_NAMES);
  const familyName = draw.pick(FAMILY_NAMES);
  return {
    reference: `ORD-${draw.integer(10_000, 99_999)}`,
    item: { ...item, quantity },
    subtotal,
    tax,
    shipping,
    total: subtotal + tax + shipping,
    buyer: {
      givenName,
      familyName,
      name: `${givenName} ${familyName}`,
      email: `${givenName.toLowerCase()}.${draw.lowerAlphanumeric(5)}@example.com`,
      address: draw.pick(ADDRESSES),
    },
    card: { ...draw.pick(CARDS), expMonth: draw.integer(1, 12), expYear: nowYear + draw.integer(1, 5) },
  };
};

/** What card payments commonly cost in these providers' price lists: 2.9 % and 30 cents, rounded. */
export const cardFee = (amount: number): number => Math.round((amount * 29) / 1000) + 30;

/** Minor units as the decimal text of a two-decimal currency: 1450 is `14.50`. Made by text, not by dividing. */
export const decimalText = (minorUnits: number): string => {
  const digits = String(Math.abs(minorUnits)).padStart(3, '0');
  return `${minorUnits < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
