/** The suite of the payment store against the DynamoDB adapter. */
import { describePaymentStore } from '../../contract/payment-store-contract.ts';
import { DYNAMODB_PAYMENT_STORE } from './dynamodb-payment-stores.ts';

describePaymentStore(DYNAMODB_PAYMENT_STORE.name, DYNAMODB_PAYMENT_STORE.use().open);
