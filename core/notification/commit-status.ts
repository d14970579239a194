import type { Notice, NoticeType } from './notice.ts';

/** What a commit's status can be told of: what becomes of its release in an environment. */
export const commitStatusTypes: readonly NoticeType[] = [
  'promotion.waiting',
  'rollout.started',
  'rollout.waiting',
  'rollout.stopped',
  'rollout.settled',
];

export type GitHost = 'github' | 'gitlab' | 'gitea';

/** A request to the API of a Git host, but for who asks. */
export interface StatusRequest {
  readonly url: string;
  readonly body: Readonly<Record<string, string>>;
}

/** Where a repository is on its host. */
export interface Repository {
  /** `https://git.example` */
  readonly base: string;
  readonly hostname: string;
  /** `team/shop`; on GitLab it may have more parts. */
  readonly path: string;
}

/** How the API of a host is reached, and in which words it hears of a commit. */
interface HostApi {
  base(repository: Repository): string;
  url(base: string, path: string, commit: string): string;
  readonly states: Readonly<Record<Outcome, string>>;
  /** What a status is called by. */
  readonly nameField: 'context' | 'name';
}

type Outcome = 'pending' | 'running' | 'success' | 'failure' | 'given-up';

const hosts: Readonly<Record<GitHost, HostApi>> = {
  github: {
    base: ({ base, hostname }) => (hostname === 'github.com' ? 'https://api.github.com' : `${base}/api/v3`),
    url: (base, path, commit) => `${base}/repos/${path}/statuses/${commit}`,
    states: { pending: 'pending', running: 'pending', success: 'success', failure: 'failure', 'given-up': 'error' },
    nameField: 'context',
  },
  gitlab: {
    base: ({ base }) => `${base}/api/v4`,
    url: (base, path, commit) => `${base}/projects/${encodeURIComponent(path)}/statuses/${commit}`,
    states: { pending: 'pending', running: 'running', success: 'success', failure: 'failed', 'given-up': 'canceled' },
    nameField: 'name',
  },
  gitea: {
    base: ({ base }) => `${base}/api/v1`,
    url: (base, path, commit) => `${base}/repos/${path}/statuses/${commit}`,
    states: { pending: 'pending', running: 'pending', success: 'success', failure: 'failure', 'given-up': 'error' },
    nameField: 'context',
  },
};

/** GitHub takes no longer description. */
const longestDescription = 140;

/**
 * What a Git host is asked, so that a commit shows what becomes of it in an environment.
 * @param apiBase of the host's API; null: where hosts of this kind have it
 */
export function statusRequest(
  host: GitHost,
  repository: Repository,
  apiBase: string | null,
  notice: Notice,
): StatusRequest {
  const api = hosts[host];
  const base = (apiBase ?? api.base(repository)).replace(/\/+$/, '');
  const context = ['fairway', ...notice.environments, notice.application].join('/');
  return {
    url: api.url(base, repository.path, notice.origin?.commit ?? ''),
    body: {
      state: api.states[outcomeOf(notice)],
      [api.nameField]: context,
      description: notice.message.slice(0, longestDescription),
    },
  };
}

function outcomeOf({ type, facts }: Notice): Outcome {
  switch (type) {
    case 'promotion.waiting':
    case 'rollout.waiting':
      return 'pending';
    case 'rollout.started':
      return 'running';
    case 'rollout.settled':
      return 'success';
    default:
      return facts.state === 'aborted' ? 'given-up' : 'failure';
  }
}

/** Which API a host has, by its name; null where that does not say. */
export function hostByName(hostname: string): GitHost | null {
  if (/(^|\.)github\./.test(hostname)) return 'github';
  if (/(^|\.)gitlab\./.test(hostname)) return 'gitlab';
  if (/(^|\.)(gitea|forgejo)\./.test(hostname) || hostname === 'codeberg.org') return 'gitea';
  return null;
}

/** Where a source's repository is, by its URL: `https://HOST/PATH.git`, `ssh://…`, `git@HOST:PATH`. Null: on no host. */
export function repositoryOf(sourceUrl: string): Repository | null {
  const short = /^[^\s/@:]+@([^\s/:]+):(.+)$/.exec(sourceUrl);
  const url = short === null ? URL.parse(sourceUrl) : URL.parse(`ssh://${short[1]}/${short[2]}`);
  if (url === null || !['https:', 'http:', 'ssh:'].includes(url.protocol)) return null;
  const path = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const base = url.protocol === 'ssh:' ? `https://${url.hostname}` : url.origin;
  return path === '' ? null : { base, hostname: url.hostname, path };
}
