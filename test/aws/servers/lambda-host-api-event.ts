/**
 * Gives an event of the emulated API Gateway what the real one has: the emulator leaves fields out and writes header
 * names in lower case. What cannot be known again (repeats of a header, which it joins) stays as it is.
 */
import { DEFAULT_REGION } from '../../../src/config/aws-names.ts';

interface ApiEvent {
  version?: string;
  headers: Record<string, string> | null;
  multiValueHeaders: Record<string, string[]> | null;
  requestContext: { apiId: string; domainName?: string; domainPrefix?: string; identity: { sourceIp: string } };
  httpMethod: string;
}

const isApiEvent = (event: unknown): event is ApiEvent => {
  if (typeof event !== 'object' || event === null || !('httpMethod' in event)) return false;
  const context = (event as { requestContext?: { apiId?: unknown } }).requestContext;
  return typeof context?.apiId === 'string';
};

/** `stripe-signature` → `Stripe-Signature`: API Gateway keeps the sender's casing, and this is what most send. */
const usualCasing = (name: string): string => name.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());

const withUsualCasing = <Value>(headers: Readonly<Record<string, Value>> | null): Record<string, Value> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [usualCasing(name), value]));

/** Returns any other event unchanged. */
export const completeApiEvent = (event: unknown): unknown => {
  if (!isApiEvent(event)) return event;
  const { version: _, requestContext, ...rest } = event;
  const { apiId, identity } = requestContext;
  const domainName = `${apiId}.execute-api.${DEFAULT_REGION}.amazonaws.com`;
  const added = {
    Host: domainName,
    'X-Forwarded-For': `${identity.sourceIp}, 192.0.2.1`,
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
  };
  return {
    ...rest,
    headers: { ...withUsualCasing(event.headers), ...added },
    multiValueHeaders: {
      ...withUsualCasing(event.multiValueHeaders),
      ...Object.fromEntries(Object.entries(added).map(([name, value]) => [name, [value]])),
    },
    requestContext: { ...requestContext, domainName, domainPrefix: apiId },
  };
};
