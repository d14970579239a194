import { noSuchResource } from '../api/error.ts';
import type { Kind } from '../kinds/kind.ts';
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { type Exchange, send } from './exchange.ts';
import { type Form, negotiate } from './negotiate.ts';
import { openApiDocument, openApiIndex, swaggerDocument } from './openapi.ts';
import { swaggerProtobuf } from './swagger-protobuf.ts';

/** The version that the sandbox speaks like. */
const version = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.4+sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-04-22T00:00:00Z',
  goVersion: 'go1.23.6',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** Documents that are told to anybody. @returns false for any other path */
export function answerPublic(exchange: Pick<Exchange, 'response' | 'warnings'>, path: string): boolean {
  if (path === '/version') send(exchange, 200, version);
  else if (/^\/(healthz|livez|readyz)(\/|$)/.test(path))
    exchange.response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
  else return false;
  return true;
}

/** Answers a request for what describes the API. @throws ApiError 404 */
export function answerDocument(exchange: Exchange, path: string): void {
  const { store, request, response } = exchange;
  const kinds = store.kinds();
  const accept = request.headers.accept;
  if (path === '/openapi/v2' && /protobuf/.test(accept ?? '')) {
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    response.writeHead(200, { 'content-type': type }).end(swaggerProtobuf(kinds));
    return;
  }
  const isRoot = path === '/api' || path === '/apis';
  const form = isRoot ? (negotiate(accept, ['discovery-v2', 'discovery-v2beta1']) ?? 'json') : 'json';
  const body = isRoot ? rootDocument(kinds, path === '/api', form) : documentAt(kinds, path.slice(1).split('/'));
  if (body === null) throw noSuchResource();
  send(exchange, 200, body, form);
}

function rootDocument(kinds: readonly Kind[], core: boolean, form: Form): unknown {
  switch (form) {
    case 'discovery-v2':
      return aggregated(kinds, core, 'v2');
    case 'discovery-v2beta1':
      return aggregated(kinds, core, 'v2beta1');
    default:
      return core ? coreVersions() : groupList(kinds);
  }
}

function documentAt(kinds: readonly Kind[], [root, first = '', second = '', ...rest]: string[]): unknown {
  if (root === '') return { paths: ['/api', '/apis', '/openapi/v2', '/openapi/v3', '/version'] };
  if (root === 'api' && second === '') return resourceList(kinds, '', first);
  if (root === 'apis') return second === '' ? groupDocument(kinds, first) : resourceList(kinds, first, second);
  if (root !== 'openapi') return null;
  if (first === 'v2') return swaggerDocument(kinds);
  if (second === '') return openApiIndex(kinds);
  const [group = '', served = ''] = second === 'api' ? ['', rest[0]] : rest;
  return openApiDocument(kinds, group, served);
}
