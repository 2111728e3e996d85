/** Requirement 2 of the AWS home: WAF. */
import { beforeAll, describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { at, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

let stack: Synthesised;
let strict: Synthesised;
let paypalOnly: Synthesised;
beforeAll(() => {
  stack = synthesise();
  strict = synthesise({ config: { aws: { strictPerIpRate: true } } });
  paypalOnly = synthesise({ config: { providers: { paypal: {} } } });
});

const rulesOf = (of: Synthesised): readonly Properties[] =>
  of.one('AWS::WAFv2::WebACL').Properties.Rules as readonly Properties[];

const rule = (of: Synthesised, name: string): Properties => {
  const found = rulesOf(of).find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`no rule ${name}`);
  return found;
};

const rate = (of: Synthesised, name: string): Properties =>
  at(rule(of, name).Statement, 'RateBasedStatement') as Properties;

const groupOf = (name: string): Properties =>
  at(rule(stack, name).Statement, 'ManagedRuleGroupStatement') as Properties;

describe('firewall', () => {
  test('the web ACL stands before the stage', () => {
    const { Properties } = stack.one('AWS::WAFv2::WebACLAssociation');

    expect(stack.readable(Properties.ResourceArn as Json)).toBe(
      'arn:aws:apigateway:us-east-1::/restapis/api-webhooks-dev/stages/dev',
    );
    expect(stack.readable(Properties.WebACLArn as Json)).toBe('webacl-webhooks-dev.Arn');
  });

  test('an address that is not a published provider address may send 10 requests a second: 600 in 60 seconds', () => {
    const statement = rate(stack, 'rate-of-other-addresses');

    expect(statement).toMatchObject({ AggregateKeyType: 'IP', Limit: 600, EvaluationWindowSec: 60 });
    expect(JSON.stringify(at(statement, 'ScopeDownStatement.NotStatement.Statement'))).toMatch(
      /IPSetReferenceStatement.*FirewallProviderAddresses/,
    );
  });

  test.each(['rate-of-other-addresses', 'rate-of-provider-addresses'])(
    'an address above its rate is answered 429 with Retry-After and JSON: %s',
    (name) => {
      expect(at(rule(stack, name).Action, 'Block.CustomResponse')).toEqual({
        ResponseCode: 429,
        CustomResponseBodyKey: 'address-rate-exceeded',
        ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }],
      });
      expect(at(stack.one('AWS::WAFv2::WebACL').Properties, 'CustomResponseBodies.address-rate-exceeded')).toEqual({
        ContentType: 'APPLICATION_JSON',
        Content: '{"error":"address_rate_exceeded"}',
      });
    },
  );

  test('a published provider address has a rate of its own, high enough for all deliveries', () => {
    const statement = rate(stack, 'rate-of-provider-addresses');

    expect(statement).toMatchObject({ AggregateKeyType: 'IP', Limit: 60_000, EvaluationWindowSec: 60 });
    expect(JSON.stringify(at(statement, 'ScopeDownStatement'))).toMatch(
      /^\{"IPSetReferenceStatement".*FirewallProviderAddresses/,
    );
  });

  test('the published provider addresses are those of the dated list', () => {
    const published = PROVIDERS.flatMap(({ publishedAddresses }) => publishedAddresses.addresses);

    expect(published.length).toBeGreaterThan(10);
    expect(stack.one('AWS::WAFv2::IPSet').Properties.Addresses).toEqual(published.map((address) => `${address}/32`));
  });

  test('strictPerIpRate holds everyone to 10 requests a second', () => {
    expect(rate(strict, 'rate-of-each-address')).toEqual({
      AggregateKeyType: 'IP',
      Limit: 600,
      EvaluationWindowSec: 60,
    });
    expect(rulesOf(strict).map(({ Name }) => Name)).not.toContain('rate-of-provider-addresses');
    expect(strict.all('AWS::WAFv2::IPSet')).toEqual([]);
  });

  test('where no configured provider publishes addresses, everyone has one rate', () => {
    expect(rate(paypalOnly, 'rate-of-each-address')).toMatchObject({ Limit: 600 });
  });

  test.each(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'])(
    'the managed rule group %s blocks',
    (name) => {
      expect(rule(stack, name).OverrideAction).toEqual({ None: {} });
      expect(groupOf(name)).toMatchObject({ VendorName: 'AWS', Name: name });
    },
  );

  test('rules that real webhooks break are counted and do not block', () => {
    const overrides = groupOf('AWSManagedRulesCommonRuleSet').RuleActionOverrides as readonly Properties[];

    expect(overrides).toContainEqual({ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } });
    expect(overrides.map(({ Name }) => Name).sort()).toEqual([
      'CrossSiteScripting_BODY',
      'EC2MetaDataSSRF_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'NoUserAgent_HEADER',
      'SizeRestrictions_BODY',
      'UserAgent_BadBots_HEADER',
    ]);
  });

  test('requests that nothing blocks pass', () => {
    expect(stack.one('AWS::WAFv2::WebACL').Properties.DefaultAction).toEqual({ Allow: {} });
  });

  test('blocked requests are logged, allowed ones are not', () => {
    const { LogDestinationConfigs: destinations, LoggingFilter: filter } = stack.one(
      'AWS::WAFv2::LoggingConfiguration',
    ).Properties;

    expect((destinations as readonly Json[]).map((arn) => stack.readable(arn))).toEqual([
      'arn:aws:logs:us-east-1:ACCOUNT:log-group:aws-waf-logs-webhooks-dev',
    ]);
    expect(filter).toEqual({
      DefaultBehavior: 'DROP',
      Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
    });
  });

  test('signatures and credentials never stand in the log', () => {
    const fields = stack.one('AWS::WAFv2::LoggingConfiguration').Properties.RedactedFields as readonly Json[];

    expect(fields.map((field) => at(field, 'SingleHeader.Name')).sort()).toEqual([
      'authorization',
      'cookie',
      'hmacsignature',
      'paypal-transmission-sig',
      'stripe-signature',
      'svix-signature',
      'webhook-signature',
      'x-square-hmacsha256-signature',
      'x-square-signature',
    ]);
  });

  test('requests are not sampled: a sample shows every header', () => {
    const configurations = [stack.one('AWS::WAFv2::WebACL').Properties, ...rulesOf(stack)].map(
      ({ VisibilityConfig }) => VisibilityConfig,
    );

    expect(configurations.map((each) => at(each, 'SampledRequestsEnabled'))).toEqual(configurations.map(() => false));
    expect(configurations.map((each) => at(each, 'CloudWatchMetricsEnabled'))).toEqual(configurations.map(() => true));
  });

  test('bodies are inspected as far as that costs nothing extra', () => {
    expect(stack.one('AWS::WAFv2::WebACL').Properties).not.toHaveProperty('AssociationConfig');
  });
});
