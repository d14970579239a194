import type { Answer, Received } from '../receiver.ts';

/**
 * The part of a Git host's API that takes statuses of commits, as its documentation has it: what it does not take is
 * refused with the status code that the host itself gives.
 */
export interface HostApi {
  answer(received: Received): Answer;
  /** The last status by commit and name. */
  readonly statuses: ReadonlyMap<string, { readonly state: string; readonly description: string }>;
}

interface Rules {
  readonly path: RegExp;
  readonly repository: string;
  readonly states: readonly string[];
  readonly nameField: 'context' | 'name';
  isAuthorized(headers: Received['headers'], token: string): boolean;
  /** GitLab's own: a status is not what it is already. */
  readonly refusesRepetition: boolean;
}

const rules: Readonly<Record<'github' | 'gitlab' | 'gitea', Rules>> = {
  // https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
  github: {
    path: /^\/api\/v3\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/,
    repository: 'acme/shop',
    states: ['error', 'failure', 'pending', 'success'],
    nameField: 'context',
    isAuthorized: ({ authorization }, token) => authorization === `Bearer ${token}`,
    refusesRepetition: false,
  },
  // https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
  gitlab: {
    path: /^\/api\/v4\/projects\/([^/]+)\/statuses\/([0-9a-f]{40})$/,
    repository: 'acme%2Fshop',
    states: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'],
    nameField: 'name',
    isAuthorized: (headers, token) => headers['private-token'] === token,
    refusesRepetition: true,
  },
  // https://docs.gitea.com/api/ (repoCreateStatus)
  gitea: {
    path: /^\/api\/v1\/repos\/([^/]+(?:\/[^/]+)?)\/statuses\/([0-9a-f]{40})$/,
    repository: 'acme/shop',
    states: ['pending', 'success', 'error', 'failure', 'warning'],
    nameField: 'context',
    isAuthorized: ({ authorization }, token) => authorization === `token ${token}`,
    refusesRepetition: false,
  },
};

/** @param repository as its path on the host names it */
export function createHostApi(host: keyof typeof rules, token: string, repository = rules[host].repository): HostApi {
  const { path, states, nameField, isAuthorized, refusesRepetition } = rules[host];
  const statuses = new Map<string, { state: string; description: string }>();
  return {
    statuses,
    answer(received) {
      const [, found, commit] = path.exec(received.path) ?? [];
      if (received.method !== 'POST' || found !== repository) return { status: 404 };
      if (!isAuthorized(received.headers, token)) return { status: 401 };
      if (received.headers['user-agent'] === undefined) return { status: 403 };
      if (!received.headers['content-type']?.startsWith('application/json')) return { status: 415 };
      const body = JSON.parse(received.body) as Record<string, string>;
      const { state = '', description = '' } = body;
      const name = body[nameField];
      if (!states.includes(state) || name === undefined || description.length > 140) return { status: 422 };
      const key = `${commit} ${name}`;
      if (refusesRepetition && statuses.get(key)?.state === state) {
        const message = `Cannot transition status via :${state} from :${state}`;
        return { status: 400, body: JSON.stringify({ message }) };
      }
      statuses.set(key, { state, description });
      return { status: 201, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: 1, state }) };
    },
  };
}
