/**
 * AWS's Signature Version 4 of requests that post JSON to the root of a service: all headers are signed, none of them needs
 * to be written anew, and there is no query. Every call of a function passes here: the key of a day is made once, and kept.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface SignerDeps {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ToSign {
  readonly service: string;
  /** Names in lower case; `host` and `x-amz-date` are among them. Values without spaces at the ends or in a row. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface DayKey {
  readonly day: string;
  readonly key: KeyObject;
}

const DAY_CHARS = 8;

/** Returns what the header `authorization` says. */
export const createSigner = ({ region, accessKeyId, secretAccessKey }: SignerDeps): ((request: ToSign) => string) => {
  /** By service: one for each that is called. */
  const keys = new Map<string, DayKey>();

  const keyOf = (service: string, day: string): KeyObject => {
    const known = keys.get(service);
    if (known?.day === day) return known.key;
    let bytes: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
    for (const part of [day, region, service, 'aws4_request'])
      bytes = createHmac('sha256', bytes).update(part).digest();
    const key = createSecretKey(bytes);
    keys.set(service, { day, key });
    return key;
  };

  return ({ service, headers, body }) => {
    const date = headers['x-amz-date'] ?? '';
    const day = date.slice(0, DAY_CHARS);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const names = Object.keys(headers).sort();
    const signed = names.join(';');
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
    const canonical = `POST\n/\n\n${lines}\n${signed}\n${hash('sha256', body, 'hex')}`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const signature = createHmac('sha256', keyOf(service, day)).update(text).digest('hex');
    return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  };
};
