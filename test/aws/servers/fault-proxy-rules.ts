/** Which calls a test wants to go wrong, and how. Rules count the calls that they match, from 1. */
import type { AwsCall } from './fault-proxy-call.ts';

export type Fault =
  /** Refused before anything happens, as the service does it when it is asked too often. */
  | { readonly kind: 'throttle' }
  /** 500 before anything happens. */
  | { readonly kind: 'server_error' }
  /** Any other refusal, by the name that the SDK throws. */
  | { readonly kind: 'error'; readonly code: string; readonly status: number }
  /** Carried out, but the connection breaks before the answer. */
  | { readonly kind: 'reply_lost' }
  /** Carried out after this long. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Carried out twice, one after the other; the second answer is given. */
  | { readonly kind: 'duplicate' }
  /** Neither carried out nor answered, until the caller gives up. */
  | { readonly kind: 'hang' };

export interface FaultRule {
  /** Every part that is given has to be equal. */
  readonly match: Partial<AwsCall>;
  /** The n-th call that matches, every n-th, or (left out) each. */
  readonly when?: { readonly nth: number } | { readonly every: number };
  /** At most this often. @default no limit */
  readonly timesMax?: number;
  readonly fault: Fault;
}

export interface Injection {
  /** How often the fault has happened. */
  fired(): number;
  /** How many calls matched. */
  matched(): number;
  remove(): void;
}

/** More than this is a test that forgets to clear. */
const RULES_MAX = 100;

const isMatch = (match: Partial<AwsCall>, call: AwsCall): boolean =>
  (Object.keys(match) as (keyof AwsCall)[]).every((key) => match[key] === undefined || match[key] === call[key]);

const isDue = ({ when }: FaultRule, matched: number): boolean => {
  if (when === undefined) return true;
  return 'nth' in when ? matched === when.nth : matched % when.every === 0;
};

interface Counted {
  readonly rule: FaultRule;
  matched: number;
  fired: number;
}

export const createRules = () => {
  const rules: Counted[] = [];
  return {
    inject: (rule: FaultRule): Injection => {
      if (rules.length >= RULES_MAX) throw new RangeError(`more than ${RULES_MAX} fault rules at the same time`);
      const counted: Counted = { rule, matched: 0, fired: 0 };
      rules.push(counted);
      return {
        fired: () => counted.fired,
        matched: () => counted.matched,
        remove: () => {
          const at = rules.indexOf(counted);
          if (at >= 0) rules.splice(at, 1);
        },
      };
    },
    clear: (): void => {
      rules.length = 0;
    },
    /** Counts the call with every rule that matches it; the oldest one that is due decides. */
    faultFor: (call: AwsCall): Fault | null => {
      let fault: Fault | null = null;
      for (const counted of rules) {
        const { rule } = counted;
        if (!isMatch(rule.match, call)) continue;
        counted.matched += 1;
        if (fault !== null || !isDue(rule, counted.matched) || counted.fired >= (rule.timesMax ?? Infinity)) continue;
        counted.fired += 1;
        fault = rule.fault;
      }
      return fault;
    },
  };
};
