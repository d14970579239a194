import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FairwayError } from '../../../core/errors.ts';
import type { Credentials } from '../mirror.ts';

/** How a repository is reached. No form holds a secret, so each may be shown. */
export type RemoteAddress =
  | { readonly transport: 'http'; readonly url: string }
  | { readonly transport: 'ssh'; readonly url: string; readonly host: string }
  | { readonly transport: 'path'; readonly path: string };

/** A user's name and password that stood in the URL itself. */
export interface ReadAddress {
  readonly address: RemoteAddress;
  readonly credentials: Extract<Credentials, { type: 'basic' }> | null;
}

const scpLike = /^(?<user>[A-Za-z0-9._][A-Za-z0-9._-]*)@(?<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?<path>[^\s-]\S*)$/;

/**
 * Reads the URL of a source: https://, http:// (loopback alone, unless `allowPlainHttp`), ssh://, git@host:path,
 * file:// or a path. What it accepts can never be taken for an option by a program.
 * @throws FairwayError `source-url-invalid`; the message holds no password.
 */
export function readAddress(url: string, allowPlainHttp = false): ReadAddress {
  const short = scpLike.exec(url)?.groups;
  if (short !== undefined) {
    return { address: { transport: 'ssh', url, host: short.host ?? '' }, credentials: null };
  }
  if (!url.includes('://')) {
    if (url === '' || url.startsWith('-') || hasControlCharacter(url))
      throw invalid(url, 'it is neither a URL nor a path');
    return { address: { transport: 'path', path: isAbsolute(url) ? url : resolve(url) }, credentials: null };
  }
  if (hasControlCharacter(url) || !URL.canParse(url)) throw invalid(url, 'it is not a URL');
  const parsed = new URL(url);
  switch (parsed.protocol) {
    case 'https:':
      return readHttp(parsed);
    case 'http:':
      if (allowPlainHttp || isLoopback(parsed.hostname)) return readHttp(parsed);
      throw invalid(url, 'plain http would show commits and passwords to the network', 'use https://');
    case 'ssh:':
      if (!/^[A-Za-z0-9[]/.test(parsed.hostname) || parsed.username.startsWith('-') || parsed.password !== '') {
        throw invalid(url, 'its user or host is not usable', 'write ssh://USER@HOST/PATH');
      }
      return { address: { transport: 'ssh', url: parsed.href, host: parsed.hostname }, credentials: null };
    case 'file:':
      if (parsed.hostname !== '') throw invalid(url, 'a file:// URL names no host', 'write file:///PATH');
      if (/%(00|2f)/i.test(parsed.pathname))
        throw invalid(url, 'its path holds what no path can', 'write file:///PATH');
      return { address: { transport: 'path', path: fileURLToPath(parsed) }, credentials: null };
    default:
      throw invalid(url, `${parsed.protocol}// is not supported`);
  }
}

/** The URL without user name and password, for screens and logs. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, (whole, scheme: string) =>
    /^ssh:/i.test(scheme) ? whole.replace(/:[^/@:]*@$/, '@') : scheme,
  );
}

/** One text for all URLs of one repository: https, ssh and git@ forms, with `.git` and without (for webhooks). */
export function repositoryIdentity(url: string): string {
  const short = /^[^\s/@:]+@([^\s/:]+):(.*)$/.exec(url);
  if (short !== null) return identity(short[1] ?? '', short[2] ?? '');
  if (!URL.canParse(url) || !url.includes('://')) return identity('', url);
  const parsed = new URL(url);
  // A port tells two hosts apart, but that of SSH says nothing about that of HTTP.
  const isWeb = parsed.protocol === 'https:' || parsed.protocol === 'http:';
  return identity(isWeb ? parsed.host : parsed.hostname, parsed.pathname);
}

/** Loopback names and addresses, as `URL.hostname` writes them. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function identity(host: string, path: string): string {
  return `${host.toLowerCase()}/${withoutSlashes(path).replace(/\.git$/, '')}`;
}

/** Without those at its ends. By hand: a hook may name a million, and a pattern takes the square of that in time. */
function withoutSlashes(path: string): string {
  let [start, end] = [0, path.length];
  while (end > start && path[end - 1] === '/') end--;
  while (start < end && path[start] === '/') start++;
  return path.slice(start, end);
}

function readHttp(parsed: URL): ReadAddress {
  const [username, password] = [decode(parsed.username), decode(parsed.password)];
  if (username === null || password === null) throw invalid(parsed.href, 'its user or password is not percent-encoded');
  const url = new URL(parsed);
  url.username = '';
  url.password = '';
  url.hash = '';
  const address = { transport: 'http', url: url.href.replace(/\/+$/, '') } as const;
  if (username === '' && password === '') return { address, credentials: null };
  return { address, credentials: { type: 'basic', username, password } };
}

/** Null where what is percent-encoded is no text. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007f');
}

function invalid(url: string, why: string, remedy?: string): FairwayError {
  // What is no URL may have its password anywhere before the last `@`.
  const shown = withoutSecrets(url).replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1');
  return new FairwayError('source-url-invalid', `${JSON.stringify(shown)} cannot be used: ${why}`, {
    field: 'spec.url',
    remedy: remedy ?? 'write https://…, ssh://…, git@HOST:PATH, file:///… or an absolute path',
  });
}
