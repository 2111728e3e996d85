/** The webhooks that a delivery became: each leads to its own. */
import { webhookHref } from '../location.ts';
import { Id } from './value.tsx';

export const Became = ({ of }: { readonly of: readonly string[] }) => (
  <>
    {of.map((webhookId) => (
      <a key={webhookId} class="beside" href={webhookHref(webhookId)}>
        <Id of={webhookId} />
      </a>
    ))}
  </>
);
