/** What is about the trail, loaded together: whoever opens one of it goes on to the next. */
import './shared.ts';
import { Audit } from './audit.tsx';
import { Evidence } from './evidence.tsx';
import { Review } from './review.tsx';

export const TRAIL = { Audit, Evidence, Review } as const;
