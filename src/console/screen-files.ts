/** Where the screens are: in which of the files that are loaded later, by the first part of their address. */
export const SCREEN_FILES = {
  payments: 'stored',
  webhooks: 'stored',
  'dead-letters': 'stored',
  find: 'stored',
  deliveries: 'edges',
  destinations: 'edges',
  settings: 'edges',
  jobs: 'many',
  approvals: 'many',
  redrive: 'many',
  replay: 'many',
  resend: 'many',
  audit: 'trail',
} as const;

/** Null for the overview, which is in the first file, and for what is no screen. */
export const screenFileAt = (path: string): string | null => {
  const [, first = ''] = path.split('/', 2);
  return Object.hasOwn(SCREEN_FILES, first) ? SCREEN_FILES[first as keyof typeof SCREEN_FILES] : null;
};
