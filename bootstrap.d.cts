/** Types of `bootstrap.cjs`. */
declare const bootstrap: {
  /** Flags and environment that the project's Node is started with. */
  readonly NODE_FLAGS: readonly string[];
  readonly NODE_ENVIRONMENT: Readonly<Record<string, string>>;
  /** `withTools`: development tools are needed too, and installed when missing. */
  run(args: readonly string[], options?: { readonly withTools?: boolean }): void;
};
export = bootstrap;
