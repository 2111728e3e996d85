/** What became of a request for a second person: how it ended, by whom and why. */
import type { JobJson } from '../../api-types.ts';
import { Text, Time, Words } from './value.tsx';

export interface DecisionProps {
  readonly of: JobJson;
  /** In a row that leads to all of it. @default false */
  readonly isRow?: boolean;
}

export const Decision = ({ of: { approval, state }, isRow = false }: DecisionProps) => {
  if (approval === null) return null;
  const { decision, expiresAt } = approval;
  if (decision !== null) {
    return (
      <>
        {decision.outcome} by <Text of={decision.by.id} />:{' '}
        {isRow ? <Words of={decision.reason} /> : <Text of={decision.reason} />} <Time at={decision.at} />
      </>
    );
  }
  if (state === 'expired') {
    return (
      <>
        by nobody in time, which was until <Time at={expiresAt} />: it has to be asked for again
      </>
    );
  }
  return <>by nobody: it was cancelled before</>;
};
