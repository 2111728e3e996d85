/** Something to sleep on until there is a reason to wake up. */

export interface Bell {
  /** Cheap. Rung while nobody listens, it is heard by who listens next. */
  ring(): void;
  /** Resolves at the next ring, or after `ms` of silence. For one listener at a time. */
  heard(ms: number): Promise<'ring' | 'silence'>;
}

export const createBell = (): Bell => {
  let hasRung = false;
  let tell: (() => void) | null = null;
  return {
    ring() {
      if (tell === null) hasRung = true;
      else tell();
    },
    heard(ms) {
      if (hasRung) {
        hasRung = false;
        return Promise.resolve('ring');
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          tell = null;
          resolve('silence');
        }, ms);
        tell = () => {
          tell = null;
          clearTimeout(timer);
          resolve('ring');
        };
      });
    },
  };
};
