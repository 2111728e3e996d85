/**
 * The two groups of rules that AWS maintains, and which of their rules only count. What is in a body was written by customers
 * of shops, and a filter made for web forms finds attacks in it: whoever may choose a name or a note could choose which
 * webhooks are turned away. So no rule about bodies blocks; the signature over the body is what is checked.
 */
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { visibility } from './web-acl-visibility.ts';

export interface ManagedGroup {
  readonly name: string;
  readonly priority: number;
  /** All rules of the group, as AWS documents them. */
  readonly rules: readonly string[];
  /** Those that real webhooks break though they are not about bodies: they come without a user agent, or from a tool's. */
  readonly alsoCounted: readonly string[];
}

/** As of 2026-11: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html */
export const MANAGED_GROUPS: readonly ManagedGroup[] = [
  {
    name: 'AWSManagedRulesCommonRuleSet',
    priority: 10,
    rules: [
      'NoUserAgent_HEADER',
      'UserAgent_BadBots_HEADER',
      'SizeRestrictions_QUERYSTRING',
      'SizeRestrictions_Cookie_HEADER',
      'SizeRestrictions_BODY',
      'SizeRestrictions_URIPATH',
      'EC2MetaDataSSRF_BODY',
      'EC2MetaDataSSRF_COOKIE',
      'EC2MetaDataSSRF_URIPATH',
      'EC2MetaDataSSRF_QUERYARGUMENTS',
      'GenericLFI_QUERYARGUMENTS',
      'GenericLFI_URIPATH',
      'GenericLFI_BODY',
      'RestrictedExtensions_URIPATH',
      'RestrictedExtensions_QUERYARGUMENTS',
      'GenericRFI_QUERYARGUMENTS',
      'GenericRFI_BODY',
      'GenericRFI_URIPATH',
      'CrossSiteScripting_COOKIE',
      'CrossSiteScripting_QUERYARGUMENTS',
      'CrossSiteScripting_BODY',
      'CrossSiteScripting_URIPATH',
    ],
    alsoCounted: ['NoUserAgent_HEADER', 'UserAgent_BadBots_HEADER'],
  },
  {
    name: 'AWSManagedRulesKnownBadInputsRuleSet',
    priority: 11,
    rules: [
      'JavaDeserializationRCE_HEADER',
      'JavaDeserializationRCE_BODY',
      'JavaDeserializationRCE_URIPATH',
      'JavaDeserializationRCE_QUERYSTRING',
      'Host_localhost_HEADER',
      'PROPFIND_METHOD',
      'ExploitablePaths_URIPATH',
      'Log4JRCE_HEADER',
      'Log4JRCE_QUERYSTRING',
      'Log4JRCE_BODY',
      'Log4JRCE_URIPATH',
      'ReactJSRCE_BODY',
    ],
    alsoCounted: [],
  },
];

export const countedRulesOf = ({ rules, alsoCounted }: ManagedGroup): readonly string[] =>
  rules.filter((rule) => rule.endsWith('_BODY') || alsoCounted.includes(rule));

export const managedRules = (): CfnWebACL.RuleProperty[] =>
  MANAGED_GROUPS.map((group) => ({
    name: group.name,
    priority: group.priority,
    // The group's own actions hold where a rule is not named here: it blocks.
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: group.name,
        ruleActionOverrides: countedRulesOf(group).map((name) => ({ name, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(group.name),
  }));
