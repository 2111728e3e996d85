/** What the signature doctor can find: a closed list, with what is needed to say it and nothing that was secret. */
import type { RejectionReason } from '../core/ports/provider.ts';

export type SecretDamage =
  | 'quoted'
  | 'white_space'
  | 'escaped'
  | 'joined'
  | 'prefix_missing'
  | 'prefix_added'
  | 'encoded_in_base64'
  | 'wrapped_in_json'
  | 'letter_case'
  | 'key_as_text';

export type HeaderDamage =
  | 'quoted'
  | 'white_space'
  | 'percent_encoded'
  | 'letter_case'
  | 'base64_altered'
  | 'repeated'
  | 'prefix_added'
  | 'prefix_missing';

export type BodyEncoding =
  | 'utf16'
  | 'latin1'
  | 'utf8_twice'
  | 'byte_order_mark'
  | 'normalisation'
  | 'crlf'
  | 'lf'
  | 'line_end_added'
  | 'line_end_removed'
  | 'white_space_added';

export type BodyWrapping = 'base64' | 'json_text' | 'envelope' | 'form' | 'html_entities' | 'backslashes';

export type Layout = 'compact' | 'spaced' | 'two_spaces' | 'four_spaces' | 'tabs' | 'two_spaces_loose';
export type TextStyle = 'plain' | 'ascii' | 'ascii_upper' | 'slashes' | 'ascii_slashes' | 'html' | 'html_ascii';

/** How the body was signed, as far as it was written anew. */
export interface Rewriting {
  /** @default as it came */
  readonly layout?: Layout;
  /** @default as it came */
  readonly texts?: TextStyle;
  /** Keys stood in another order. @default as they came */
  readonly isReordered?: true;
}

export type UrlPart = 'scheme' | 'host' | 'port' | 'path' | 'slash' | 'query';

export type Diagnosis =
  /** The signature is right; `skewMs` is signed minus judged. */
  | { readonly kind: 'clock_wrong'; readonly skewMs: number }
  | { readonly kind: 'time_in_milliseconds'; readonly header: string }
  | { readonly kind: 'simulator' }
  | { readonly kind: 'secret_of_other_provider'; readonly title: string; readonly secretId: string }
  | { readonly kind: 'secret_not_in_use'; readonly secretId: string }
  | { readonly kind: 'secret_damaged'; readonly secretId: string; readonly how: SecretDamage }
  | { readonly kind: 'secret_cut'; readonly secretId: string }
  | { readonly kind: 'mode_mixed'; readonly said: 'live' | 'test'; readonly configured: 'live' | 'test' }
  | { readonly kind: 'sent_to_other_provider'; readonly title: string; readonly name: string }
  | { readonly kind: 'signed_for_other_endpoint' }
  | { readonly kind: 'header_missing'; readonly header: string }
  | { readonly kind: 'header_renamed'; readonly header: string; readonly found: string }
  | { readonly kind: 'header_damaged'; readonly header: string; readonly how: HeaderDamage }
  | { readonly kind: 'header_unreadable'; readonly header: string }
  | { readonly kind: 'signature_not_switched_on' }
  | { readonly kind: 'scheme_not_supported' }
  | { readonly kind: 'body_rewritten'; readonly signed: Rewriting }
  | { readonly kind: 'body_reencoded'; readonly how: BodyEncoding }
  | { readonly kind: 'body_compressed'; readonly coding: string }
  | { readonly kind: 'body_wrapped'; readonly how: BodyWrapping }
  | { readonly kind: 'body_empty' }
  | { readonly kind: 'body_cut' }
  | { readonly kind: 'body_length_differs' }
  | { readonly kind: 'body_characters_lost' }
  | { readonly kind: 'body_keys_sorted' }
  | { readonly kind: 'body_not_expected' }
  | { readonly kind: 'url_other'; readonly parts: readonly UrlPart[]; readonly url: string }
  | { readonly kind: 'certificate_chain_missing' }
  | { readonly kind: 'certificate_not_trusted' };

export type DiagnosisKind = Diagnosis['kind'];

/** Nothing proves these: they are what the delivery says of itself once all that can be proven has been tried. */
const GUESSED: ReadonlySet<DiagnosisKind> = new Set<DiagnosisKind>([
  'secret_cut',
  'mode_mixed',
  'header_unreadable',
  'body_cut',
  'body_length_differs',
  'body_characters_lost',
  'body_keys_sorted',
  'body_not_expected',
]);

/** Whether it verifies with this undone, or is a plain fact such as a header that is not there. */
export const isProven = ({ kind }: Diagnosis): boolean => !GUESSED.has(kind);

export type DoctorOutcome =
  | { readonly outcome: 'genuine'; readonly secretId: string }
  | {
      readonly outcome: 'explained';
      readonly reason: RejectionReason;
      readonly diagnosis: Diagnosis;
      readonly tries: number;
    }
  /** `isCutShort`: a limit of work was reached before everything was tried. */
  | {
      readonly outcome: 'unexplained';
      readonly reason: RejectionReason;
      readonly tries: number;
      readonly isCutShort: boolean;
    }
  /** Nothing can be said before the certificate is there. */
  | { readonly outcome: 'unavailable' };
