import { isMap } from '../schema/type.ts';
import { parseBody, readBody } from './body.ts';
import { type Exchange, send } from './exchange.ts';
import type { ResourcePath } from './route.ts';

const groups = ['authorization.k8s.io', 'authentication.k8s.io'];

/** True for the kinds that only answer a question. */
export function isReview({ group, plural }: ResourcePath): boolean {
  return groups.includes(group) && plural.endsWith('reviews');
}

/** Answers `kubectl auth can-i` and `whoami`: everybody who is known may do everything. */
export async function answerReview(exchange: Exchange, { plural }: ResourcePath): Promise<void> {
  const body = parseBody(await readBody(exchange.request), exchange.request.headers['content-type']);
  send(exchange, 201, { ...(isMap(body) ? body : {}), status: statusOf(plural, exchange) });
}

function statusOf(plural: string, { user }: Exchange): unknown {
  const userInfo = { username: user.name, groups: user.groups };
  switch (plural) {
    case 'selfsubjectreviews':
      return { userInfo };
    case 'tokenreviews':
      return { authenticated: false };
    case 'selfsubjectrulesreviews':
      return {
        incomplete: false,
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      };
    default:
      return { allowed: true };
  }
}
