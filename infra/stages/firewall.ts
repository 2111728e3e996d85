/**
 * WAF before the API. It limits what one address may send and stops known attacks; that a webhook is genuine is decided by
 * its signature, so nothing here may turn a real one away.
 */

import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { KnownProvider } from '../../src/providers/providers.ts';
import type { Retention } from '../ground/retention.ts';
import type { StackNames } from '../ground/stack-names.ts';
import { createLogGroup } from '../watch/log-group.ts';
import { managedRules } from './managed-rules.ts';
import { visibility } from './web-acl-visibility.ts';

/** WAF counts over 60, 120, 300 or 600 seconds; the shortest comes closest to a rate per second. */
const WINDOW_SECONDS = 60;

/** Names what WAF answers to an address above its rate (body and header as in the local home), and its label. */
const RATE_EXCEEDED = 'address-rate-exceeded';

/** Headers that carry a signature or a credential: in WAF's log they stand as REDACTED. */
export const redactedHeaders = (providers: readonly Pick<KnownProvider, 'secretHeaders'>[]): readonly string[] => [
  ...new Set([...providers.flatMap(({ secretHeaders }) => secretHeaders), 'authorization', 'cookie']),
];

/** Addresses from which these providers say they send; none of one that is not known. */
export const publishedAddressesOf = (
  providers: readonly Pick<KnownProvider, 'name' | 'publishedAddresses'>[],
  names: readonly string[],
): readonly string[] =>
  providers
    .filter(({ name }) => names.includes(name))
    .flatMap(({ publishedAddresses }) => publishedAddresses.addresses);

export interface FirewallProps {
  readonly names: StackNames;
  readonly key: IKey;
  readonly retention: Retention;
  readonly stageArn: string;
  /** What they sign in is kept out of the log, whether they are configured or not. */
  readonly knownProviders: readonly KnownProvider[];
  /** Published addresses of these providers have a rate of their own. */
  readonly providerNames: readonly string[];
  /** Deliveries a second from any other address, averaged over a minute. */
  readonly requestsPerSecondPerAddress: number;
  /** Deliveries a second from one published provider address, averaged over a minute. */
  readonly requestsPerSecondPerProviderAddress: number;
  /** What the stage lets through of all. */
  readonly requestsPerSecond: number;
  /** Published provider addresses are held to the rate of the others. Slows real providers down. @default false */
  readonly strictPerIpRate?: boolean;
}

/** Three or four rules, a dollar a month each. A list of bad reputations is not among them: it could hold a provider's address. */
export class Firewall extends Construct {
  readonly webAcl: CfnWebACL;

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    const { names, key, retention } = props;
    this.webAcl = new CfnWebACL(this, 'WebAcl', {
      name: names.webAcl,
      description: 'Payhook: limits each address, stops known attacks',
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      // The first 16 KB of a body are inspected, which costs nothing extra. More would not make a webhook more genuine.
      // CloudWatch calls the web ACL by this name, in all environments of the account alike.
      visibilityConfig: visibility(names.webAcl),
      dataProtectionConfig: secretsHidden(props.knownProviders),
      customResponseBodies: {
        [RATE_EXCEEDED]: { contentType: 'APPLICATION_JSON', content: '{"error":"address_rate_exceeded"}' },
      },
      rules: [...this.rateRules(props), ...managedRules()],
    });
    new CfnWebACLAssociation(this, 'Stage', { webAclArn: this.webAcl.attrArn, resourceArn: props.stageArn });

    const logGroup = createLogGroup(this, 'Logs', { name: names.webAclLogGroup, key, retention });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      // WAF refuses the ARN with the ":*" that CloudFormation's attribute ends in.
      logDestinationConfigs: [
        `arn:aws:logs:${logGroup.env.region}:${logGroup.env.account}:log-group:${names.webAclLogGroup}`,
      ],
      redactedFields: redactedHeaders(props.knownProviders).map((name) => ({ singleHeader: { Name: name } })),
      // Allowed requests are in the access log. Counted ones would log every webhook above 8 KB: metrics count them. An
      // address above its rate would cost us half of what it costs in all: metrics count it too, and WAF keeps a sample.
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'DROP',
            Requirement: 'MEETS_ANY',
            Conditions: [
              {
                LabelNameCondition: {
                  LabelName: `awswaf:${logGroup.env.account}:webacl:${names.webAcl}:${RATE_EXCEEDED}`,
                },
              },
            ],
          },
          { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
        ],
      },
    }).node.addDependency(logGroup);
  }

  private rateRules(props: FirewallProps): CfnWebACL.RuleProperty[] {
    const addresses = publishedAddressesOf(props.knownProviders, props.providerNames);
    if (props.strictPerIpRate === true || addresses.length === 0) {
      return [rateRule('rate-of-each-address', 0, props.requestsPerSecondPerAddress)];
    }
    const published = new CfnIPSet(this, 'ProviderAddresses', {
      name: props.names.providerAddresses,
      description: 'Payhook: addresses from which providers say they send webhooks',
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: addresses.map((address) => `${address}/32`),
    });
    const isPublished = { ipSetReferenceStatement: { arn: published.attrArn } };
    const ofOthers = rateRule('rate-of-other-addresses', 0, props.requestsPerSecondPerAddress, {
      notStatement: { statement: isPublished },
    });
    // A rate that the stage never lets through is held by the stage, for nothing.
    if (props.requestsPerSecondPerProviderAddress >= props.requestsPerSecond) return [ofOthers];
    return [
      ofOthers,
      rateRule('rate-of-provider-addresses', 1, props.requestsPerSecondPerProviderAddress, isPublished),
    ];
  }
}

const rateRule = (
  name: string,
  priority: number,
  requestsPerSecond: number,
  scopeDownStatement?: CfnWebACL.StatementProperty,
): CfnWebACL.RuleProperty => ({
  name,
  priority,
  action: {
    block: {
      customResponse: {
        responseCode: 429,
        customResponseBodyKey: RATE_EXCEEDED,
        responseHeaders: [{ name: 'Retry-After', value: String(WINDOW_SECONDS) }],
      },
    },
  },
  statement: {
    rateBasedStatement: {
      aggregateKeyType: 'IP',
      evaluationWindowSec: WINDOW_SECONDS,
      limit: requestsPerSecond * WINDOW_SECONDS,
      ...(scopeDownStatement === undefined ? {} : { scopeDownStatement }),
    },
  },
  ruleLabels: [{ name: RATE_EXCEEDED }],
  visibilityConfig: { ...visibility(name), sampledRequestsEnabled: true },
});

/** In samples as in the log. */
const secretsHidden = (providers: readonly KnownProvider[]): CfnWebACL.DataProtectionConfigProperty => ({
  dataProtections: [
    {
      action: 'SUBSTITUTION',
      field: { fieldType: 'SINGLE_HEADER', fieldKeys: [...redactedHeaders(providers)] },
    },
  ],
});
