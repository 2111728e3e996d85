/** What the signature doctor says, as lines. */
import type { DoctorReport } from '../doctor/advice.ts';

export const reportLines = (report: DoctorReport | null): readonly string[] => {
  if (report === null) return [];
  const { sentence, change } = report;
  return change === '' ? [sentence] : [sentence, `→ ${change}`];
};
