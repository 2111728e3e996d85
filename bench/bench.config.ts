/** Configuration of the server under test: no rate limits, and what the section asks for. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from '../src/config/define-config.ts';

const { BENCH_API_URL, BENCH_HANDLER, BENCH_CONCURRENCY, BENCH_DESTINATION_URL } = process.env;

// biome-ignore lint/style/noDefaultExport: a configuration file is read by its default export
export default defineConfig({
  providers: { stripe: {} },
  edge: { requestsPerSecond: 1_000_000, requestsBurst: 1_000_000 },
  processing: BENCH_CONCURRENCY === undefined ? {} : { concurrency: Number(BENCH_CONCURRENCY) },
  ...(BENCH_API_URL === undefined ? {} : { reconcile: { apiUrls: { stripe: BENCH_API_URL } } }),
  ...(BENCH_HANDLER === undefined ? {} : { handlers: fileURLToPath(new URL(BENCH_HANDLER, import.meta.url)) }),
  ...(BENCH_DESTINATION_URL === undefined
    ? {}
    : {
        destinations: {
          sink: { kind: 'http', url: BENCH_DESTINATION_URL, arePrivateAddressesAllowed: true, concurrencyMax: 32 },
        },
      }),
});
