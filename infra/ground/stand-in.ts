/** Stands in for a stack that is to be removed: CDK wants one of the name, and does not care what is in it. */
import { CfnWaitConditionHandle, Stack } from 'aws-cdk-lib';
import { awsNames } from '../../src/config/aws-names.ts';
import { createApp } from '../payhook-app.ts';

/** Writes an assembly into the directory. Needs neither the configuration nor built functions: both may be gone. */
export const writeStandIn = (directory: string, environmentSuffix: string, region: string): void => {
  const { stack: name } = awsNames(environmentSuffix);
  const app = createApp(directory);
  const stack = new Stack(app, name, { stackName: name, env: { region } });
  // A template without any resource is not valid, and this one does nothing.
  new CfnWaitConditionHandle(stack, 'Nothing');
  app.synth();
};
