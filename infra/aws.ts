/** What a team's CDK app imports as `payhook/aws`. Needs `aws-cdk-lib`, `constructs` and `esbuild` beside it. */
export { Payhook } from './payhook.ts';
export type { PayhookProps } from './payhook-props.ts';
