/** The stack with a provider that nothing in Payhook has heard of. */
import { describe, expect, test } from 'vitest';
import { configurableCoyote, coyote, SIGNATURE } from '../providers/coyote-pay.ts';
import { at, type Json, synthesise } from './synthesised.ts';

describe('a provider that nothing has heard of, on AWS', () => {
  const stack = synthesise({ providers: [configurableCoyote] });

  test('has a secret of its own', () => {
    expect(stack.all('AWS::SecretsManager::Secret').map(({ Properties }) => Properties.Name)).toEqual([
      'secret-coyote-pay-signing-secrets-dev',
    ]);
  });

  test('is exempt by its addresses, and its signature stays out of the log of the firewall', () => {
    const { RedactedFields: fields } = stack.one('AWS::WAFv2::LoggingConfiguration').Properties;

    expect(stack.one('AWS::WAFv2::IPSet').Properties.Addresses).toEqual(
      coyote.publishedAddresses.addresses.map((address) => `${address}/32`),
    );
    expect((fields as readonly Json[]).map((field) => at(field, 'SingleHeader.Name'))).toContain(SIGNATURE);
  });

  test('has the changes of its webhooks audited', () => {
    const feeds = stack.all('AWS::Lambda::EventSourceMapping').map(({ Properties }) => JSON.stringify(Properties));

    expect(feeds.filter((feed) => feed.includes('coyote-pay:'))).toHaveLength(1);
  });
});
