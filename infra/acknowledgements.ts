export const acknowledgeFindings = (..._a: unknown[]) => undefined;
