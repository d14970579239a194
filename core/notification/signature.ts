import { createHmac } from 'node:crypto';

/**
 * The headers by which a receiver knows who sent a message, as Standard Webhooks has them: HMAC-SHA256 over id, time
 * and body.
 * @param secret `whsec_` and base64, or any text
 * @param now milliseconds since the epoch
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secret: string | null,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === null) return headers;
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
