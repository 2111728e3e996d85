/** What the keys do, for the help. */
export const KEYS = [
  { key: '/', what: 'find any id' },
  { key: '1 … 9', what: 'screens, as in the rail' },
  {
    key: 'g, then a letter',
    what: 'overview o, payments p, webhooks w, dead letters l, destinations d, jobs j, audit a',
  },
  { key: 'j, k', what: 'next and previous row' },
  { key: 'Enter', what: 'open the row' },
  { key: 'f', what: 'first filter' },
  { key: 'c', what: 'copy the id of what is open' },
  { key: 'Esc', what: 'close, or leave a field' },
  { key: '?', what: 'this list' },
] as const;
