/** The suite of the rejected box against DynamoDB, kept by the SDK or, as the receiver does, without. */
import { describeRejectedBox } from '../../contract/rejected-box-contract.ts';
import { DYNAMODB_REJECTED_BOX } from './dynamodb-rejected-boxes.ts';

const { name, use } = DYNAMODB_REJECTED_BOX;
const { open, openSigned } = use();

describeRejectedBox(name, open);
describeRejectedBox(`${name} without the SDK`, openSigned);
