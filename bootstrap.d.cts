/** Types of `bootstrap.cjs`. */
declare const bootstrap: {
  /** Flags and environment that the project's Node is started with. */
  readonly NODE_FLAGS: readonly string[];
  /** Instead of these, for the console. */
  readonly CONSOLE_FLAGS: readonly string[];
  readonly NODE_ENVIRONMENT: Readonly<Record<string, string>>;
  /** Runs the command line on the project's Node, with what is installed. */
  runCommand(argv: readonly string[]): void;
};
export = bootstrap;
