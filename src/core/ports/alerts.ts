/** Tells a person. Log and optional webhook on one machine, SNS on AWS. */

export type AlertKind =
  | 'dead_letter'
  | 'card_data_found'
  | 'transmission_conflict'
  | 'signed_body_unparsable'
  | 'duplicate_differs'
  | 'unknown_event_type'
  | 'delivery_too_old'
  /** Nothing comes from a provider, or nothing of a type, for much longer than usual. */
  | 'provider_silent'
  /** Reconciliation: webhooks that no delivery brought; that say something else than what is listed. */
  | 'webhooks_missed'
  | 'webhooks_differ'
  | 'reconciliation_behind'
  /** A provider's API does not take our credential. */
  | 'credential_refused'
  /** A provider sends nothing to our endpoint: it is disabled there, or not registered. */
  | 'endpoint_deaf'
  | 'audit_broken'
  | 'destination_gave_up'
  | 'store_unavailable';

export interface Alert {
  readonly kind: AlertKind;
  readonly provider: string | null;
  readonly webhookId: string | null;
  /** One sentence without payload, secret or card data. */
  readonly summary: string;
}

export interface Alerts {
  /**
   * Never throws and never waits for the receiver of the alert. A flood of one kind is thinned, not queued forever; what is raised
   * once while it lasts is told of each provider and list that it is raised of.
   */
  raise(alert: Alert): void;
}
