/** What the routes of the console stand on: the functions of the command line, over one opened home. */
import type { CompleteConfig } from '../../config/schema.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { DestinationDesk } from '../../homes/destination-desk.ts';
import type { EvidenceDeps } from '../../homes/gather-evidence.ts';
import type { Health } from '../../homes/local/look-at-health.ts';
import type { PublishedState } from '../../homes/local/published-state.ts';
import type { RejectedCases } from '../../homes/rejected-cases.ts';
import type { StoredHealth } from '../../operate/look-at-stored.ts';
import type { Role } from '../../operators/roles.ts';
import type { ConfigurableProvider } from '../../providers/provider-settings.ts';
import type { CheckedPayments, ListReport } from '../../reconcile/objects/object-report.ts';

/** One of the files that a browser loads. */
export interface ClientFile {
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

export interface Client {
  /** The page that a browser gets at an address: the same at each, but for what of the rest it asks for at once. */
  readonly pageAt: (path: string) => ClientFile;
  /** Under `/assets/`, named by what is in them. */
  readonly assets: ReadonlyMap<string, ClientFile>;
}

/** One line for each request; never its query, its body or a reason. */
export interface RequestLine {
  readonly method: string;
  /** As it is written in the code: `/api/webhooks/:id`. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface PaymentsAsked {
  readonly provider: string | undefined;
  readonly since: EpochMs | undefined;
  /** A sentence for whoever waits. */
  readonly tell: (sentence: string) => void;
  readonly onPage: (report: ListReport) => void;
}

export interface ConsoleDeps extends EvidenceDeps {
  readonly config: Pick<CompleteConfig, 'mode' | 'destinations' | 'jobs'>;
  /** Those that may be asked for. */
  readonly providers: readonly ConfigurableProvider['provider'][];
  /** One rejected delivery: the questions of `payhook rejected`. */
  readonly rejectedCases: RejectedCases;
  readonly areRejectedKept: boolean;
  readonly destinationDesk: DestinationDesk;
  /** As `payhook config` shows it: no secret is in it. */
  readonly shownConfig: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  /** As `payhook health`: on AWS what can be said out of what is stored. */
  readonly lookAtHealth: () => Promise<Health | StoredHealth>;
  /** What the server of this machine says of itself; null where none runs here. */
  readonly readServer: () => Promise<PublishedState | null>;
  /** As `payhook reconcile payments`. Throws one sentence where no provider can be asked. */
  readonly checkPayments: (asked: PaymentsAsked) => Promise<CheckedPayments>;
  /** Of whoever comes in where no operators are defined. */
  readonly role: Role;
  readonly client: Client;
  readonly randomness: Pick<Randomness, 'bytes'>;
  /** The port that it listens on. */
  readonly port: number;
  readonly onRequest: (line: RequestLine) => void;
  /** Of ours, and not of whoever asked. */
  readonly onBug: (error: unknown) => void;
}
