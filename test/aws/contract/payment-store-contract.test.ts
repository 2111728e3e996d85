/** The suite of the payment store against the DynamoDB adapter, which calls with the SDK or, as functions do, without. */
import { describePaymentStore } from '../../contract/payment-store-contract.ts';
import { DYNAMODB_PAYMENT_STORE } from './dynamodb-payment-stores.ts';

const { name, use } = DYNAMODB_PAYMENT_STORE;
const { open, openSigned } = use();

describePaymentStore(name, open);
describePaymentStore(`${name} without the SDK`, openSigned);
