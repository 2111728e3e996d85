/** How the command line is called from here: by its path in a checkout, by its name where it is an installed package. */
export const IS_CHECKOUT = import.meta.url.endsWith('.ts');
export const COMMAND = IS_CHECKOUT ? 'bin/payhook' : 'npx payhook';
/** Where the documents of this release are, seen from where the command is called. */
export const DOCS = IS_CHECKOUT ? 'docs' : 'node_modules/payhook/docs';
