/** How the command line is called from here: by its path in a checkout, by its name where it is an installed package. */
export const COMMAND = import.meta.url.endsWith('.ts') ? 'bin/payhook' : 'npx payhook';
