import { defineConfig } from 'payhook';

export default defineConfig({
  handlers: './handlers.ts',
  destinations: {
    // The bookkeeping of the shop: a service of its own, which gets everything about money, repeated or not.
    ledger: {
      kind: 'http',
      // biome-ignore lint/style/noProcessEnv: each environment of the shop has another ledger.
      url: process.env.SHOP_LEDGER_URL ?? 'http://127.0.0.1:8093/payment-events',
      events: ['payment.*', 'refund.*', 'dispute.*'],
      // It runs on this machine. Leave this out for a URL on the internet.
      arePrivateAddressesAllowed: true,
    },
  },
  // A refund may arrive before the payment that it belongs to: its handler then asks to be called a second later.
  processing: { attemptsMax: 20 },
});
