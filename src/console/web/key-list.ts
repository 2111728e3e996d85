/** What the keys do, for the help. */
export const KEYS = [
  { key: '/', what: 'find any id' },
  { key: 'Ctrl K, ⌘ K', what: 'everything by its name: screens, views, what can be done here' },
  { key: '1 … 9', what: 'screens, as in the rail' },
  {
    key: 'g, then a letter',
    what: 'overview o, payments p, webhooks w, deliveries e, dead letters l, destinations d, jobs j, approvals v, audit a, settings s',
  },
  { key: 'j, k', what: 'next and previous row' },
  { key: 'Enter, o', what: 'open the row, here or in a new tab' },
  { key: 'x, X', what: 'pick the row, or all up to it' },
  { key: '.', what: 'what can be done with the row, or here' },
  { key: '[, ]', what: 'previous and next of the list, where one of it is open' },
  { key: 'r', what: 'redrive' },
  { key: 'p', what: 'pause hints of what is new' },
  { key: 'f', what: 'first filter' },
  { key: 'c', what: 'copy the id of what is open' },
  { key: 'Esc', what: 'close, leave a field, or go back' },
  { key: '?', what: 'this list' },
] as const;
