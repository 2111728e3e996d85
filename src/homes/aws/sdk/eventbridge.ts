import { EventBridge } from '@aws-sdk/client-eventbridge';
import { AWS_CLIENT_OPTIONS } from '../../../adapters/aws/clients.ts';

export const eventbridge = new EventBridge(AWS_CLIENT_OPTIONS);
