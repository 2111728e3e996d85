/** What is open and has to be closed when a server stops or does not come up. Node 22 has no `AsyncDisposableStack`. */
export interface CleanUp {
  defer(close: () => unknown): void;
  /** Closes what was opened last first, and everything even when something cannot be closed: that is thrown afterwards. */
  close(): Promise<void>;
}

export const createCleanUp = (): CleanUp => {
  const open: (() => unknown)[] = [];
  return {
    defer: (close) => void open.push(close),
    async close() {
      const errors: unknown[] = [];
      for (let close = open.pop(); close !== undefined; close = open.pop()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, `${errors.length} things could not be closed`);
    },
  };
};
