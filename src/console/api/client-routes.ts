/** The page and its files, out of memory. Every path that a person may open is a page: it reads its address itself. */
import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import type { Client, ClientFile } from './console-deps.ts';
import { refusal } from './guard.ts';

const YEAR_SECONDS = 31_536_000;

export const clientRoutes = ({ pageAt, assets }: Client) =>
  new Hono()
    .get('/assets/:name', (context) => {
      const file = assets.get(context.req.param('name'));
      return file === undefined
        ? refusal(context, 404, 'not_found', 'there is no such file')
        : send(context, file, `public, max-age=${YEAR_SECONDS}, immutable`);
    })
    .get('*', (context) => send(context, pageAt(context.req.path), 'no-store'));

const send = (context: Context, { contentType, bytes, gzipped }: ClientFile, cacheControl: string): Response => {
  const isGzipped =
    accepts(context, { header: 'Accept-Encoding', supports: ['gzip', 'identity'], default: 'identity' }) === 'gzip';
  return context.body(isGzipped ? gzipped : bytes, 200, {
    'Content-Type': contentType,
    'Cache-Control': cacheControl,
    Vary: 'Accept-Encoding',
    ...(isGzipped ? { 'Content-Encoding': 'gzip' } : {}),
  });
};
