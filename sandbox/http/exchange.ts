import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Store } from '../store.ts';
import type { User } from './authenticate.ts';
import type { Form } from './negotiate.ts';

/** One request under way, with what its answer needs. */
export interface Exchange {
  readonly store: Store;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly now: () => number;
  /** Told in `Warning` headers. */
  readonly warnings: string[];
}

const types: Readonly<Record<Form, string>> = {
  json: 'application/json',
  table: 'application/json',
  metadata: 'application/json',
  'metadata-list': 'application/json',
  'discovery-v2': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'discovery-v2beta1': 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
};

/** Answers with JSON. */
export function send(
  exchange: Pick<Exchange, 'response' | 'warnings'>,
  status: number,
  body: unknown,
  form: Form = 'json',
): void {
  const { response, warnings } = exchange;
  for (const text of new Set(warnings)) response.appendHeader('warning', `299 - ${JSON.stringify(text)}`);
  response.writeHead(status, { 'content-type': types[form], 'cache-control': 'no-cache, private' });
  response.end(`${JSON.stringify(body)}\n`);
}
