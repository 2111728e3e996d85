/**
 * Calls through the SDK, which is loaded by the first of them: executing its modules takes as long as a whole start, and most
 * functions never raise an alert, or write one object a minute. Node loads a module once, so each client is made once.
 */
import type { EventbridgeCalls, S3Calls, SnsCalls } from '../../adapters/aws/service-calls.ts';

const sns = async () => (await import('./sdk/sns.ts')).sns;
const s3 = async () => (await import('./sdk/s3.ts')).s3;
const eventbridge = async () => (await import('./sdk/eventbridge.ts')).eventbridge;

export const snsLater: SnsCalls = { publish: async (input, options) => (await sns()).publish(input, options) };

export const s3Later: S3Calls = {
  getObject: async (input) => (await s3()).getObject(input),
  putObject: async (input) => (await s3()).putObject(input),
  listObjectVersions: async (input) => (await s3()).listObjectVersions(input),
};

export const eventbridgeLater: EventbridgeCalls = {
  putEvents: async (input, options) => (await eventbridge()).putEvents(input, options),
};
