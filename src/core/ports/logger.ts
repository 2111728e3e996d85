/**
 * One line of JSON for each delivery and each attempt. The fields are a closed list: there is none for a body, a header
 * value or a secret, so none can be logged by mistake.
 */

export interface LogFields {
  readonly webhook_id?: string;
  readonly provider?: string;
  readonly event_type?: string;
  readonly status?: string;
  readonly outcome?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly message?: string;
  readonly http_status?: number;
  readonly attempt?: number;
  readonly attempts_max?: number;
  readonly retry_in_ms?: number;
  readonly duration_ms?: number;
  readonly request_id?: string;
  readonly trace_id?: string;
  readonly source_address?: string;
  readonly secret_id?: string;
  readonly body_bytes?: number;
  readonly count?: number;
  readonly digest_number?: number;
  readonly digest_hash?: string;
  readonly signal?: string;
  readonly path?: string;
  readonly port?: number;
  readonly operations_port?: number;
  readonly kind?: string;
  readonly event_id?: string;
  readonly handler?: string;
  readonly destination?: string;
  readonly job_id?: string;
}

export interface Logger {
  /** `event` is a fixed noun.verb such as `delivery.received`. Never throws. */
  info(event: string, fields: LogFields): void;
  warn(event: string, fields: LogFields): void;
  error(event: string, fields: LogFields): void;
}
