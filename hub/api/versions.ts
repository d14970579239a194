import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalJson, digestOf } from '../../core/canonical.ts';
import { FairwayError } from '../../core/errors.ts';

/** The ETag of what people can change of a thing. */
function versionOf(editable: unknown): string {
  return `"${digestOf(canonicalJson(editable)).slice('sha256:'.length, 'sha256:'.length + 20)}"`;
}

/** Sends the version of what is shown. */
export function sendVersion(reply: FastifyReply, editable: unknown): void {
  reply.header('etag', versionOf(editable));
}

/**
 * Keeps a write from going over a change that its caller has not seen.
 * @throws FairwayError `precondition-failed` where `If-Match` names another version than the present one
 */
export function checkVersion(request: FastifyRequest, editable: unknown): void {
  const wanted = request.headers['if-match'];
  if (wanted === undefined || wanted === '*') return;
  if (wanted.split(',').some((version) => version.trim() === versionOf(editable))) return;
  throw new FairwayError('precondition-failed', 'it was changed since the version that If-Match names', {
    field: 'If-Match',
    remedy: 'read it again, and make the change on what it is now',
  });
}
