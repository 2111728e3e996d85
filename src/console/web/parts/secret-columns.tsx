/** Signing secrets: what each has verified lately, and whether it may go. Never what they are. */
import type { SecretUseJson } from '../../api-types.ts';
import { countText } from '../format.ts';
import type { Column } from './table.tsx';
import { Ago, Id, Text } from './value.tsx';

interface Verdict {
  readonly tone: string;
  readonly says: string;
  readonly why: string;
}

const VERDICTS: Readonly<Record<SecretUseJson['verdict'], Verdict>> = {
  in_use: { tone: 'good', says: '✔ in use', why: '' },
  old: { tone: 'waiting', says: '◔ safe to remove', why: 'another one has verified everything for a day' },
  unused: {
    tone: 'waiting',
    says: '◔ has verified nothing',
    why: 'another one does: the next of a rotation, or left over',
  },
  silent: {
    tone: 'waiting',
    says: '◔ has verified nothing',
    why: 'and no other has: is it the secret of this endpoint?',
  },
  removed: { tone: 'quiet', says: '– not configured any more', why: '' },
};

const Says = ({ tone, says, why }: Verdict) => (
  <>
    <span class={`state ${tone}`}>{says}</span> <span class="quiet">{why}</span>
  </>
);

export const SECRET_COLUMNS: readonly Column<SecretUseJson>[] = [
  { name: 'Secret', cell: ({ secretId }) => <Id of={secretId} /> },
  { name: 'Provider', cell: ({ provider }) => <Text of={provider} /> },
  {
    name: 'Last verified',
    cell: ({ lastVerifiedAt }) => (lastVerifiedAt === null ? 'never' : <Ago at={lastVerifiedAt} />),
  },
  {
    name: 'Webhooks',
    isNumber: true,
    cell: ({ webhooks, lookedAt }) => `${countText(webhooks)} of the newest ${countText(lookedAt)}`,
  },
  {
    name: 'Status',
    cell: ({ verdict }) => <Says {...VERDICTS[verdict]} />,
  },
];

export const secretKey = ({ secretId }: SecretUseJson): string => secretId;
