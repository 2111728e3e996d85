/** Why somebody did something, as the trail has it; what was done by a job leads to the job, and so to who approved it. */
import { Name, Text } from './value.tsx';

/** A hash stands whole with what has it: here it is told from others. */
const HASH = /\b([0-9a-f]{12})[0-9a-f]{52}\b/g;

const CODE = /^\w+$/;

const OF_JOB = /^job ([\w-]+): (.*)$/s;

export const Reason = ({ of }: { readonly of: string | null }) => {
  const [, jobId, reason] = OF_JOB.exec(of ?? '') ?? [];
  if (of !== null && CODE.test(of)) return <Name of={of} />;
  if (jobId === undefined) return <Text of={of?.replace(HASH, '$1…')} />;
  return (
    <>
      <a href={`/jobs/${jobId}`}>job</a>: <Text of={reason} />
    </>
  );
};
