/** Types of `bootstrap.cjs`. */
declare const bootstrap: {
  /** Flags and environment that the project's Node is started with. */
  readonly NODE_FLAGS: readonly string[];
  readonly NODE_ENVIRONMENT: Readonly<Record<string, string>>;
  run(args: readonly string[]): void;
};
export = bootstrap;
