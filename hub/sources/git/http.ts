import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { Agent, request } from 'undici';
import { isLoopback } from './address.ts';
import { gitError } from './failure.ts';
import type { HttpRemote } from './jobs.ts';
import { checkPack } from './pack-limits.ts';

/** Milliseconds. A host that prepares a large pack is silent for a while. */
const timeouts = { connect: 10_000, headers: 60_000, silence: 30_000 };
const maximumBytes = 512 * 1024 * 1024;
const maximumRedirects = 5;

const agent = new Agent({
  connect: { timeout: timeouts.connect },
  headersTimeout: timeouts.headers,
  bodyTimeout: timeouts.silence,
  keepAliveTimeout: 30_000,
});

/**
 * The HTTP client that isomorphic-git is given for one exchange with one remote. Credentials go with the first
 * request, and never to a host or a scheme that the source does not name.
 * @param signal ends the exchange
 */
export function httpClient(remote: HttpRemote, signal: AbortSignal): HttpClient {
  // Where the host has sent us; later requests of the exchange start there, as Git's own do.
  let base = remote.url;

  return {
    async request({ url, method = 'GET', headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const content = body === undefined ? null : await collect(body, maximumBytes);
      const suffix = url.slice(remote.url.length);
      let target = new URL(base + suffix);
      for (let redirects = 0; ; redirects++) {
        const response = await request(target, {
          method: method === 'POST' ? 'POST' : 'GET',
          headers: {
            ...headers,
            'user-agent': 'git/fairway',
            ...(remote.authorization === null ? {} : { authorization: remote.authorization }),
          },
          body: content,
          dispatcher: agent,
          signal,
        });
        const { location } = response.headers;
        if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
          await response.body.dump();
          if (redirects === maximumRedirects) throw gitError('git-unreachable', `${remote.url} redirects in a circle`);
          target = follow(target, location, remote);
          if (target.href.endsWith(suffix)) base = target.href.slice(0, -suffix.length);
          continue;
        }
        // Read to its end here, so that a cut connection is an error and not a short pack.
        const answer = await collect(response.body, maximumBytes);
        if (method === 'POST') checkPack(answer);
        return {
          url: target.href,
          method,
          statusCode: response.statusCode,
          statusMessage: response.statusText,
          headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
          body: once(answer),
        };
      }
    },
  };
}

/** @throws FairwayError `git-refused` where following would show credentials or commits to somebody else */
function follow(from: URL, location: string, remote: HttpRemote): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  const isSecure = to?.protocol === 'https:';
  const isPlain = to?.protocol === 'http:' && from.protocol === 'http:';
  if (to === null || !(isSecure || (isPlain && (remote.allowPlainHttp || isLoopback(to.hostname))))) {
    throw gitError('git-refused', `${remote.url} redirects to where it is not followed: not https`);
  }
  const isSameHost = to.hostname === from.hostname && (to.port === from.port || to.protocol !== from.protocol);
  if (!isSameHost && remote.authorization !== null) {
    throw gitError('git-refused', `${remote.url} redirects to ${to.host}, which is not given its credentials`);
  }
  to.username = '';
  to.password = '';
  return to;
}

async function collect(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, maximum: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maximum) throw gitError('git-unreachable', `the answer is larger than ${maximum} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield content;
}
