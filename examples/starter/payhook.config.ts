import { defineConfig } from 'payhook';

// Every setting has a default. An editor shows what there is, and why, beside each name. Secrets never go here: they are
// variables such as PAYHOOK_STRIPE_SIGNING_SECRETS.
export default defineConfig({
  handlers: './handlers.ts',
  // mode: 'live',
});
