import { SNS } from '@aws-sdk/client-sns';
import { AWS_CLIENT_OPTIONS } from '../../../adapters/aws/clients.ts';

export const sns = new SNS(AWS_CLIENT_OPTIONS);
