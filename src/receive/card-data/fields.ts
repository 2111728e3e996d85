/**
 * Field names that matter to the card-data guard, as data: whose value is secret, whose value the provider makes and may
 * look like a card number, and whose value people choose.
 */

interface FieldRule {
  /** Matched against the name in snake case: `pspReference` is `psp_reference`. */
  readonly name: RegExp;
  readonly reason: string;
}

interface ProviderMadeRule extends FieldRule {
  /** The rule covers values of at most this many digits. */
  readonly digitsMax?: number;
  /** The rule covers JSON numbers, not strings. */
  readonly isNumberOnly?: boolean;
}

/**
 * Values that only a provider makes. One number in forty of 16 random digits has an issuer's prefix and a right check
 * digit, so ids made of digits would be masked now and then, and a masked id no longer finds its payment.
 */
export const PROVIDER_MADE_FIELDS: readonly ProviderMadeRule[] = [
  { name: /^ids?$|_ids?$/, reason: 'ids of objects, events, accounts and requests' },
  { name: /(?:^|_)psp_reference$|^original_reference$/, reason: 'Adyen names a payment by 16 letters or digits' },
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

/** Stronger than the list above: merchants or buyers write these, and buyers paste card numbers into anything. */
export const CHOSEN_BY_PEOPLE: readonly FieldRule[] = [
  { name: /^metadata$|_metadata$|^additional_data$/, reason: 'free key-value pairs at Stripe and Adyen' },
  { name: /^notes?$|^note_to_|^description$|^memo$/, reason: 'free text; an object at Razorpay' },
  { name: /^custom(?:_|$)/, reason: 'PayPal custom_id, Paddle custom_data, Stripe custom_fields' },
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

/** Whether people choose the value of this field, or everything inside it. */
export const isChosenByPeople = (name: string): boolean => {
  if (name.length > NAME_CHARS_MAX) return true;
  const snake = snakeCase(name);
  return CHOSEN_BY_PEOPLE.some((rule) => rule.name.test(snake));
};

/** Whether a number of so many digits under this name is the provider's own and no card number. */
export const isProviderMade = (name: string, digits: number, isNumber: boolean): boolean => {
  if (isChosenByPeople(name)) return false;
  const snake = snakeCase(name);
  return PROVIDER_MADE_FIELDS.some(
    (rule) =>
      rule.name.test(snake) &&
      digits <= (rule.digitsMax ?? Number.POSITIVE_INFINITY) &&
      (isNumber || !rule.isNumberOnly),
  );
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
