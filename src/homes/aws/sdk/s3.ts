import { S3 } from '@aws-sdk/client-s3';
import { AWS_CLIENT_OPTIONS } from '../../../adapters/aws/clients.ts';

export const s3 = new S3(AWS_CLIENT_OPTIONS);
