/** The suite of the store of jobs against DynamoDB. */
import { describeJobStore } from '../../contract/job-store-contract.ts';
import { DYNAMODB_JOB_STORE } from './dynamodb-job-stores.ts';

const { name, use } = DYNAMODB_JOB_STORE;

describeJobStore(name, use().open);
