/** Asking again and again, for as long as somebody sees the page: a hidden tab asks for nothing. */

/** Runs after that long, or as soon as the page is seen after it. Returns what stops it. */
export const afterInSight = (ms: number, run: () => void): (() => void) => {
  const stop = (): void => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onSeen);
  };
  const onSeen = (): void => {
    if (document.hidden) return;
    stop();
    run();
  };
  const timer = setTimeout(() => {
    document.addEventListener('visibilitychange', onSeen);
    onSeen();
  }, ms);
  return stop;
};

/** The same each time that it has run, until it is stopped. */
export const everyInSight = (ms: number, run: () => void): (() => void) => {
  let stop = (): void => undefined;
  const next = (): void => {
    stop = afterInSight(ms, () => {
      next();
      run();
    });
  };
  next();
  return () => stop();
};
