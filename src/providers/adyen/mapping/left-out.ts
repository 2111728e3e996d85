/** The types of Adyen's catalogue that have no meaning for payments, by why. With the rows of `mapping.ts` it is all of them. */
export const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'another event tells of the money': [
    'AUTHENTICATION',
    'HANDLED_EXTERNALLY',
    'PROCESS_RETRY',
    'AUTORESCUE_NEXT_ATTEMPT',
  ],
};
