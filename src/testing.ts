/** What a team's tests import as `payhook/testing`: webhooks and events as providers send them, and a home in memory. */
export { openTestHome } from './testing/open-test-home.ts';
export { type SampleEventOptions, sampleEvent } from './testing/sample-event.ts';
export { type SampleOptions, type SampleWebhook, sampleLife, sampleWebhook } from './testing/sample-webhook.ts';
export type {
  RunOptions,
  TestAttempt,
  TestHandlerOutcome,
  TestHome,
  TestHomeOptions,
  TestOutcome,
} from './testing/test-home.ts';
