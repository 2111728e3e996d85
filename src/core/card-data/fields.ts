/**
 * Names of fields that matter to the card-data guard at every provider, as data: whose value is secret, whose value people
 * choose, whose value is an id. None of them exempts anything: that is said by provider and path (`CardDataExemption`).
 */

export interface FieldRule {
  /** Matched against the name in snake case: `pspReference` is `psp_reference`. */
  readonly name: RegExp;
  readonly reason: string;
}

/**
 * Merchants or buyers write these, and buyers paste card numbers into anything: a number there is masked, so that a person
 * can still tell which card it was. Everywhere else what hits the guard and is called an id is an id.
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

/** Longer names are no field of any provider; they cost nothing to compare. */
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

/** Whether the value names something: masked, two of them could become one. */
export const isIdName = (name: string): boolean =>
  /(?:^|_)ids?$|_reference$/.test(snakeCase(name)) && !isChosenByPeople(name);

/** The code printed on a card. `cvc_check` and `cvcResult` end differently and survive. */
const SECURITY_CODE_NAME =
  /(?:cvc2?|cvv2?|cvn2?|cvd2?|cav2)$|^(?:card)?(?:cid|csc)$|(?:cvc2?|cvv2?|cvn2?|cvd2?|cav2|csc)(?:code|value|number|nr|no)$|security(?:code|number|value|no)$|^cardcode$|cardverification(?:code|value|number|no)$|^verificationvalue$/;

/** `pin_code` is a postal code in India and `pin_verified` a result: only the bare names are meant. */
const PIN_NAME = /^(?:card|atm|debit|encrypted)?pin(?:block|number)?$/;

/** Whether a value under this name is the secret that its name promises, not a result about it such as `"pass"`. */
export const isSecurityCode = (name: string, value: string): boolean => {
  const bare = name.replace(/[_-]/g, '').toLowerCase();
  if (SECURITY_CODE_NAME.test(bare)) return /^\d(?:[ .-]?\d){2,3}$/.test(value);
  return PIN_NAME.test(bare) && /^(?:\d{4,12}|[0-9A-Fa-f]{16})$/.test(value);
};
