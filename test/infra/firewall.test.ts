/** Requirement 2 of the AWS home: WAF. */
import { beforeAll, describe, expect, test } from 'vitest';
import { countedRulesOf, MANAGED_GROUPS } from '../../infra/stages/managed-rules.ts';
import { PROVIDERS } from '../../src/providers/providers.ts';
import { at, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

let stack: Synthesised;
let strict: Synthesised;
let paypalOnly: Synthesised;
/** Published addresses have a rate that the stage does not hold by itself. */
let slowed: Synthesised;
beforeAll(() => {
  stack = synthesise();
  strict = synthesise({ config: { aws: { strictPerIpRate: true } } });
  slowed = synthesise({ config: { aws: { requestsPerSecondPerProviderAddress: 500 } } });
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
      expect(at(rule(slowed, name).Action, 'Block.CustomResponse')).toEqual({
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

  test('a published provider address may send what the stage lets through, unless it has a lower rate of its own', () => {
    expect(rulesOf(stack).map(({ Name }) => Name)).not.toContain('rate-of-provider-addresses');
    const statement = rate(slowed, 'rate-of-provider-addresses');

    expect(statement).toMatchObject({ AggregateKeyType: 'IP', Limit: 30_000, EvaluationWindowSec: 60 });
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

  test.each([
    [
      'AWSManagedRulesCommonRuleSet',
      [
        'CrossSiteScripting_BODY',
        'EC2MetaDataSSRF_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        'NoUserAgent_HEADER',
        'SizeRestrictions_BODY',
        'UserAgent_BadBots_HEADER',
      ],
    ],
    ['AWSManagedRulesKnownBadInputsRuleSet', ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY']],
  ])('no rule of %s about bodies blocks, nor one that real webhooks break', (name, counted) => {
    const overrides = groupOf(name).RuleActionOverrides as readonly Properties[];

    expect(overrides.map(({ Name }) => Name).sort()).toEqual(counted);
    for (const { ActionToUse } of overrides) expect(ActionToUse).toEqual({ Count: {} });
  });

  test('of all managed groups every rule about bodies is counted, and nothing that the group does not have', () => {
    const groups = rulesOf(stack).filter(({ Statement }) => at(Statement, 'ManagedRuleGroupStatement') !== undefined);

    expect(groups.map(({ Name }) => Name)).toEqual(MANAGED_GROUPS.map(({ name }) => name));
    for (const group of MANAGED_GROUPS) {
      expect(countedRulesOf(group)).toEqual(
        expect.arrayContaining(group.rules.filter((rule) => rule.endsWith('_BODY'))),
      );
      expect(group.alsoCounted.filter((rule) => !group.rules.includes(rule))).toEqual([]);
    }
  });

  test('requests that nothing blocks pass', () => {
    expect(stack.one('AWS::WAFv2::WebACL').Properties.DefaultAction).toEqual({ Allow: {} });
  });

  test('what managed rules block is logged; floods above a rate and allowed requests are not', () => {
    const { LogDestinationConfigs: destinations, LoggingFilter: filter } = stack.one(
      'AWS::WAFv2::LoggingConfiguration',
    ).Properties;

    expect((destinations as readonly Json[]).map((arn) => stack.readable(arn))).toEqual([
      'arn:aws:logs:us-east-1:ACCOUNT:log-group:aws-waf-logs-webhooks-dev',
    ]);
    expect(filter).toEqual({
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'DROP',
          Requirement: 'MEETS_ANY',
          Conditions: [{ LabelNameCondition: { LabelName: expect.anything() } }],
        },
        { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
      ],
    });
    const [dropped] = at(filter, 'Filters') as readonly Properties[];
    expect(stack.readable(at(dropped, 'Conditions.0.LabelNameCondition.LabelName') as Json)).toBe(
      'awswaf:ACCOUNT:webacl:webacl-webhooks-dev:address-rate-exceeded',
    );
    for (const name of ['rate-of-other-addresses', 'rate-of-provider-addresses']) {
      expect(rule(slowed, name).RuleLabels).toEqual([{ Name: 'address-rate-exceeded' }]);
    }
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

  test('requests above a rate are sampled instead of logged, without signatures and credentials', () => {
    const rules = [slowed.one('AWS::WAFv2::WebACL').Properties, ...rulesOf(slowed)];
    const configurations = rules.map(({ VisibilityConfig }) => VisibilityConfig);
    const sampled = rules.filter(({ VisibilityConfig }) => at(VisibilityConfig, 'SampledRequestsEnabled') === true);
    const redacted = (stack.one('AWS::WAFv2::LoggingConfiguration').Properties.RedactedFields as readonly Json[]).map(
      (field) => at(field, 'SingleHeader.Name'),
    );

    expect(sampled.map(({ Name }) => Name)).toEqual(['rate-of-other-addresses', 'rate-of-provider-addresses']);
    expect(at(stack.one('AWS::WAFv2::WebACL').Properties, 'DataProtectionConfig.DataProtections')).toEqual([
      { Action: 'SUBSTITUTION', Field: { FieldType: 'SINGLE_HEADER', FieldKeys: redacted } },
    ]);
    expect(configurations.map((each) => at(each, 'CloudWatchMetricsEnabled'))).toEqual(configurations.map(() => true));
  });

  test('bodies are inspected as far as that costs nothing extra', () => {
    expect(stack.one('AWS::WAFv2::WebACL').Properties).not.toHaveProperty('AssociationConfig');
  });
});
