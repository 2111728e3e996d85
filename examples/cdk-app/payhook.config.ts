import { defineConfig } from 'payhook';

export default defineConfig({
  mode: 'test',
  providers: { stripe: {}, square: {} },
  aws: { alarmEmails: ['payments-on-call@shop.example'] },
});
