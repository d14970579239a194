import { createHmac, timingSafeEqual } from 'node:crypto';
import { FairwayError } from '../../core/errors.ts';
import { repositoryIdentity } from './git/address.ts';

/** What a Git host says when somebody has pushed: look again. */
export interface Webhook {
  /** URLs of the repository, in each form that the host gives. */
  readonly urls: readonly string[];
  /** `refs/heads/main`; null where the message is about no ref. */
  readonly ref: string | null;
  readonly signature: WebhookSignature | null;
}

/** How each host proves that it knows the secret. */
export type WebhookSignature =
  /** GitHub, Gitea and Forgejo: HMAC-SHA256 of the body. */
  | { readonly type: 'body'; readonly hex: string }
  /** GitLab: the secret itself. */
  | { readonly type: 'token'; readonly token: string }
  /** GitLab's signing token, which is that of the Standard Webhooks: HMAC-SHA256 of id, time and body. */
  | { readonly type: 'message'; readonly id: string; readonly timestamp: string; readonly signatures: string };

/** Header names in lower case, as Node gives them. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Reads the message of GitHub, GitLab, Gitea or Forgejo, or of anything that sends their form.
 * @throws FairwayError `hook-malformed`
 */
export function readWebhook(headers: WebhookHeaders, body: Uint8Array): Webhook {
  const message = asObject(parseBody(headers, body));
  if (message === null) throw malformed('the body is no JSON object');
  const repository = asObject(message.repository) ?? {};
  const project = asObject(message.project) ?? {};
  const urls = [repository, project].flatMap((described) =>
    urlFields.map((field) => described[field]).filter((url): url is string => typeof url === 'string' && url !== ''),
  );
  const ref = typeof message.ref === 'string' ? message.ref : null;
  return { urls: [...new Set(urls)], ref, signature: signatureOf(headers) };
}

/** True where whoever sent the message knows the secret. Takes the same time whatever is wrong. */
export function isSigned(signature: WebhookSignature | null, body: Uint8Array, secret: string): boolean {
  switch (signature?.type) {
    case undefined:
      return false;
    case 'body':
      return isEqual(Buffer.from(signature.hex, 'hex'), createHmac('sha256', secret).update(body).digest());
    case 'token':
      // Digests are of one length, whatever the length of what was sent.
      return isEqual(
        createHmac('sha256', 'token').update(signature.token).digest(),
        createHmac('sha256', 'token').update(secret).digest(),
      );
    case 'message': {
      // A message that is sent again asks only for one more look, so its age does not matter.
      const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
      const wanted = createHmac('sha256', key).update(`${signature.id}.${signature.timestamp}.`).update(body).digest();
      return signature.signatures
        .split(' ')
        .filter((entry) => entry.startsWith('v1,'))
        .map((entry) => isEqual(Buffer.from(entry.slice('v1,'.length), 'base64'), wanted))
        .includes(true);
    }
  }
}

/** A source as a hook sees it. */
export interface HookedSource {
  readonly name: string;
  readonly url: string;
  /** Branches that it follows. */
  readonly branches: readonly string[];
  /** Null: a hook needs no signature, for all it can do is ask for a look. */
  readonly secret: string | null;
}

/**
 * The sources that a hook is about and may wake.
 * @param named the source that the hook's own address names, whatever URLs the message holds
 * @throws FairwayError `hook-unknown-repository`, `hook-signature`
 */
export function wokenBy(
  hook: Webhook,
  body: Uint8Array,
  sources: readonly HookedSource[],
  named: string | null,
): string[] {
  const identities = new Set(hook.urls.map(repositoryIdentity));
  const meant = sources.filter(({ name, url }) =>
    named === null ? identities.has(repositoryIdentity(url)) : name === named,
  );
  if (meant.length === 0) {
    throw new FairwayError('hook-unknown-repository', `${describeUnknown(hook.urls, named)}.`, {
      field: named === null ? 'repository' : 'source',
      remedy: 'Declare the repository as a source, or name the source: /api/v1/hooks/git?source=NAME.',
    });
  }
  const trusted = meant.filter(({ secret }) => secret === null || isSigned(hook.signature, body, secret));
  if (trusted.length === 0) {
    throw new FairwayError('hook-signature', 'The signature of the hook is missing or wrong.', {
      remedy: 'Give the Git host the same secret as `fairway source credentials NAME --webhook-secret-file FILE`.',
    });
  }
  return trusted
    .filter(({ branches }) => hook.ref === null || branches.some((branch) => hook.ref === `refs/heads/${branch}`))
    .map(({ name }) => name);
}

function describeUnknown(urls: readonly string[], named: string | null): string {
  if (named !== null) return `There is no source ${named}`;
  return urls.length === 0 ? 'The hook names no repository' : `No source has one of the URLs ${urls.join(', ')}`;
}

const urlFields = [
  'clone_url',
  'ssh_url',
  'git_url',
  'html_url',
  'url',
  'git_http_url',
  'git_ssh_url',
  'http_url',
  'web_url',
  'homepage',
];

function signatureOf(headers: WebhookHeaders): WebhookSignature | null {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const github = header('x-hub-signature-256');
  if (github !== null) return { type: 'body', hex: github.replace(/^sha256=/, '') };
  const gitea = header('x-forgejo-signature') ?? header('x-gitea-signature');
  if (gitea !== null) return { type: 'body', hex: gitea };
  const signatures = header('webhook-signature');
  if (signatures !== null) {
    const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')];
    return { type: 'message', id: id ?? '', timestamp: timestamp ?? '', signatures };
  }
  const token = header('x-gitlab-token');
  return token === null ? null : { type: 'token', token };
}

/** GitHub can send JSON inside a form, too. */
function parseBody(headers: WebhookHeaders, body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  const isForm = String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch (cause) {
    throw malformed('the body is not JSON', cause);
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function isEqual(given: Uint8Array, wanted: Uint8Array): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function malformed(why: string, cause?: unknown): FairwayError {
  return new FairwayError('hook-malformed', `The hook cannot be read: ${why}.`, {
    remedy: 'Send the push event of GitHub, GitLab, Gitea or Forgejo, as JSON.',
    cause,
  });
}
