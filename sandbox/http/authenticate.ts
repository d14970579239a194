import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ApiError } from '../api/error.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * Who a request comes from: by certificate of the sandbox's own authority, or by its token; and whom that one
 * impersonates, which everybody here may.
 * @throws ApiError 401
 */
export function authenticate(request: IncomingMessage, token: string): User {
  const user = authenticated(request, token);
  if (user === null) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  const name = request.headers['impersonate-user'];
  if (typeof name !== 'string') return user;
  const groups = request.headers['impersonate-group'];
  return { name, groups: [...(groups === undefined ? [] : [groups].flat()), 'system:authenticated'] };
}

function authenticated(request: IncomingMessage, token: string): User | null {
  const socket = request.socket as TLSSocket;
  if (socket.authorized) {
    const { subject } = socket.getPeerCertificate();
    const groups = subject?.O === undefined ? [] : [subject.O].flat();
    return { name: String(subject?.CN ?? ''), groups: [...groups, 'system:authenticated'] };
  }
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined || !equal(given, token)) return null;
  return { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
