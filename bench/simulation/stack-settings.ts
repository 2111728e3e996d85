/** What the stack is deployed with: the defaults of the configuration and of `infra/`, and those for a planned peak. */
export interface StackSettings {
  readonly label: string;
  /** Stage of API Gateway (`edge.requestsPerSecond`, `edge.requestsBurst`). */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  /** WAF, per address: of published providers, and of all others. */
  readonly perPublishedAddress: number;
  readonly perOtherAddress: number;
  readonly receiversMax: number;
  readonly provisioned: number;
  /** One of the reserved 50 is kept for the sweeper. */
  readonly processorsMax: number;
  /** The change feed's part of the audit logger's ten: two read the drafts, one is called by the clock. */
  readonly auditorsMax: number;
  /** Write units a second that each table takes from the start. */
  readonly warmUnits: number;
}

export const AS_DEPLOYED: StackSettings = {
  label: 'as deployed',
  requestsPerSecond: 1000,
  requestsBurst: 2000,
  perPublishedAddress: 1000,
  // PayPal publishes no addresses, and with the default of 10 most of its peak is refused: the scenario of that name.
  perOtherAddress: 1000,
  receiversMax: 100,
  provisioned: 0,
  processorsMax: 49,
  auditorsMax: 7,
  warmUnits: 4000,
};

/** Ready for so many webhooks a second: units for all writes and a third more, executions for Erlang's load and its tail. */
export const plannedFor = (webhooksPerSecond: number): StackSettings => ({
  ...AS_DEPLOYED,
  label: `planned for ${webhooksPerSecond.toLocaleString('en-US')}/s`,
  requestsPerSecond: Math.ceil(webhooksPerSecond * 1.2),
  requestsBurst: Math.ceil(webhooksPerSecond * 1.2),
  receiversMax: Math.max(100, Math.ceil(webhooksPerSecond * 0.04)),
  provisioned: Math.max(60, Math.ceil(webhooksPerSecond * 0.035)),
  processorsMax: Math.max(49, Math.ceil(webhooksPerSecond * 0.025)),
  auditorsMax: Math.max(27, Math.ceil(webhooksPerSecond / 200)),
  warmUnits: Math.ceil(webhooksPerSecond * 7),
});
