/**
 * Field names that matter to the card-data guard at every provider, as data: whose value is secret, whose value the provider
 * makes and may look like a card number, and whose value people choose. What only one provider has stands in its folder.
 */

import type { CardDataFields, FieldRule, ProviderMadeRule } from '../../core/ports/provider.ts';

/**
 * Values that only a provider makes. One number in forty of 16 random digits has an issuer's prefix and a right check
 * digit, so ids made of digits would be masked now and then, and a masked id no longer finds its payment.
 */
export const PROVIDER_MADE_FIELDS: readonly ProviderMadeRule[] = [
  { name: /^ids?$|_ids?$/, reason: 'ids of objects, events, accounts and requests' },
  { name: /^arn$|^rrn$|^acquirer_reference|^retrieval_reference/, reason: '12 or 23 digits printed by acquirers' },
  { name: /^token$|_token$/, reason: 'a token keeps the shape and check digit of the number that it replaces' },
  { name: /(?:^|_)fingerprint$/, reason: 'a fingerprint is computed, not a number' },
  {
    name: /^created$|^updated$|_at$|_time$|(?:^|_)timestamp$|_ms$|_ns$/,
    reason: 'times since 1970 or written as digits',
  },
  { name: /(?:^|_)(?:phone|mobile|msisdn|fax|tel)(?:_|$)/, reason: 'telephone numbers (E.164)', digitsMax: 15 },
  { name: /(?:^|_)amount(?:_|$)|^total$|_total$/, reason: 'amounts in minor units', digitsMax: 15, isNumberOnly: true },
];

/**
 * Stronger than the list above: merchants or buyers write these, and buyers paste card numbers into anything. For all
 * providers, wherever a name was first seen: an unknown sender may have it too, and not to exempt it is the safe side.
 */
export const CHOSEN_BY_PEOPLE: readonly FieldRule[] = [
  { name: /^metadata$|_metadata$|^additional_data$/, reason: 'free key-value pairs' },
  { name: /^notes?$|^note_to_|^description$|^memo$/, reason: 'free text, or an object of it' },
  { name: /^custom(?:_|$)/, reason: 'custom_id, custom_data, custom_fields: the merchant fills them' },
  { name: /^passthrough$|^tags$/, reason: 'given back as the merchant sent it' },
  { name: /^invoice_id$|^reference_id$|^(?:client_)?reference(?:_id)?$/, reason: 'the merchant names its own order' },
  { name: /^merchant_(?!account|id$)/, reason: 'merchantReference, merchant_order_id: the name the merchant gave' },
  { name: /^external_|^partner_/, reason: 'names from systems outside the provider' },
];

/** Longer names are no field of any provider; they get no exemption and cost nothing to compare. */
const NAME_CHARS_MAX = 64;

const snakeCase = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-.]/g, '_')
    .toLowerCase();

const NO_RULES: readonly never[] = [];

/** Whether people choose the value of this field, or everything inside it. */
export const isChosenByPeople = (name: string, { chosenByPeople = NO_RULES }: CardDataFields): boolean => {
  if (name.length > NAME_CHARS_MAX) return true;
  const snake = snakeCase(name);
  const isNamed = (rule: FieldRule): boolean => rule.name.test(snake);
  return CHOSEN_BY_PEOPLE.some(isNamed) || chosenByPeople.some(isNamed);
};

/** Whether a number of so many digits under this name is the provider's own and no card number. */
export const isProviderMade = (name: string, digits: number, isNumber: boolean, fields: CardDataFields): boolean => {
  if (isChosenByPeople(name, fields)) return false;
  const snake = snakeCase(name);
  const isCovered = (rule: ProviderMadeRule): boolean =>
    rule.name.test(snake) &&
    digits <= (rule.digitsMax ?? Number.POSITIVE_INFINITY) &&
    (isNumber || rule.isNumberOnly !== true);
  return PROVIDER_MADE_FIELDS.some(isCovered) || (fields.madeByProvider ?? NO_RULES).some(isCovered);
};

/** The code printed on a card. `cvc_check` and `cvcResult` end differently and survive. */
const SECURITY_CODE_NAME =
  /(?:cvc2?|cvv2?|cvn2?|cvd2?|cav2)$|^(?:card)?(?:cid|csc)$|(?:cvc|cvv|cvn|cvd|csc)(?:code|value|number)$|securitycode$|^cardcode$|cardverification(?:code|value|number)$|^verificationvalue$/;

/** `pin_code` is a postal code in India and `pin_verified` a result: only the bare names are meant. */
const PIN_NAME = /^(?:card|atm|debit|encrypted)?pin(?:block|number)?$/;

/** Whether a value under this name is the secret that its name promises, not a result about it such as `"pass"`. */
export const isSecurityCode = (name: string, value: string): boolean => {
  const bare = name.replace(/[_-]/g, '').toLowerCase();
  if (SECURITY_CODE_NAME.test(bare)) return /^\d{3,4}$/.test(value);
  return PIN_NAME.test(bare) && /^(?:\d{4,12}|[0-9A-Fa-f]{16})$/.test(value);
};
