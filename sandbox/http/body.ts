import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { messageOf as wordsOf } from '../../core/errors.ts';
import { ApiError, badRequest } from '../api/error.ts';
import { isMessage } from '../schema/read-wire.ts';
import { isProtobuf, readProtobuf } from './protobuf.ts';

/** As the real server has it. */
const longest = 3 * 2 ** 20;

/** The body of a request. @throws ApiError 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // What is too long is read to its end all the same, so that the answer finds its way.
    if (length <= longest) chunks.push(chunk);
  }
  if (length > longest) {
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${longest}`);
  }
  return Buffer.concat(chunks);
}

const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/**
 * The value that a body holds: JSON, or YAML or protocol buffers where its type says so. Undefined for none.
 * @throws ApiError 400 for what is neither, 415 for another type
 */
export function parseBody(body: Buffer, contentType = ''): unknown {
  if (body.length === 0) return undefined;
  const type = contentType.split(';')[0]?.trim() ?? '';
  if (type === 'application/vnd.kubernetes.protobuf' && isProtobuf(body)) return readProtobuf(body, messageOf);
  if (!/^(|application\/([\w.-]+\+)?(json|yaml)|text\/yaml)$/.test(type)) {
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw new ApiError(415, 'UnsupportedMediaType', message);
  }
  const text = body.toString('utf8');
  try {
    return /yaml$/.test(type) && !text.trimStart().startsWith('{') ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding the body: ${wordsOf(error)}`);
  }
}

/** The message of an object in protocol buffers: `apps/v1`, `Deployment` → `apps.Deployment`. */
function messageOf(apiVersion: string, kind: string): string | null {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const scope = `${group.split('.')[0]}${version === 'v1' ? '' : `.${version}`}`;
  const names = kind === 'DeleteOptions' ? ['meta.DeleteOptions'] : [`${scope}.${kind}`];
  return names.find(isMessage) ?? null;
}
