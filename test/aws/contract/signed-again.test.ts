import { describeSignedAgain } from '../../contract/signed-again.ts';
import { DYNAMODB_LEGAL_HOLDS } from './dynamodb-legal-holds.ts';

describeSignedAgain(DYNAMODB_LEGAL_HOLDS.name, DYNAMODB_LEGAL_HOLDS.use().open);
