import type { NotificationSpec } from '../../core/kinds/notification.ts';
import type { SourceSpec } from '../../core/kinds/source.ts';
import { hostByName, repositoryOf, statusRequest } from '../../core/notification/commit-status.ts';
import { toCloudEvent, toSlack } from '../../core/notification/messages.ts';
import type { Notice } from '../../core/notification/notice.ts';
import { signedHeaders } from '../../core/notification/signature.ts';
import { credentialsOf } from '../sources/credentials.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import type { NotificationContext } from './context.ts';
import { type NotificationCredentials, notificationCredentials } from './credentials.ts';
import type { Outgoing } from './post.ts';

/** A request to send, or why there can be none as things stand. */
export type Composed = { readonly outgoing: Outgoing } | { readonly lacking: string };

/** What is sent to whom of a notice, by a notification's format. */
export async function compose(
  context: Pick<NotificationContext, 'db' | 'dataKey' | 'source' | 'now'>,
  spec: NotificationSpec,
  notice: Notice,
): Promise<Composed> {
  const { db, dataKey } = context;
  const stored = spec.credentials === undefined ? {} : await notificationCredentials(db, dataKey, spec.credentials);
  if (stored === null) {
    return {
      lacking: `no credentials ${spec.credentials} are stored (fairway notification credentials ${spec.credentials})`,
    };
  }
  switch (spec.format) {
    case 'cloudevents': {
      const body = JSON.stringify(toCloudEvent(context.source, notice));
      const headers = signedHeaders({ id: notice.id, body }, stored.secret ?? null, context.now());
      return toUrl(spec, stored, { 'content-type': 'application/cloudevents+json; charset=utf-8', ...headers }, body);
    }
    case 'slack':
      return toUrl(spec, stored, { 'content-type': 'application/json' }, JSON.stringify(toSlack(notice)));
    case 'commit-status':
      return composeStatus(context, spec, stored, notice);
  }
}

function toUrl(
  spec: NotificationSpec,
  stored: NotificationCredentials,
  headers: Outgoing['headers'],
  body: string,
): Composed {
  const url = stored.url ?? spec.url;
  if (url === undefined) return { lacking: 'neither spec.url nor its credentials say where to send it' };
  return { outgoing: { url, headers, body, trusted: false } };
}

async function composeStatus(
  { db, dataKey }: Pick<NotificationContext, 'db' | 'dataKey'>,
  spec: NotificationSpec,
  stored: NotificationCredentials,
  notice: Notice,
): Promise<Composed> {
  const name = notice.origin?.source ?? '';
  const row = await db.selectFrom('sources').select(['origin', 'spec']).where('name', '=', name).executeTakeFirst();
  const source = row?.spec as Partial<SourceSpec> | undefined;
  const repository = repositoryOf(source?.url ?? '');
  if (repository === null) return { lacking: `the source ${name} is on no Git host` };
  const host = spec.host ?? hostByName(repository.hostname);
  if (host === null) return { lacking: `spec.host does not say which API ${repository.hostname} has` };
  const own = await credentialsOf(db, dataKey, row?.origin === 'fleet' ? fleetSource : (source?.credentials ?? ''));
  const token = stored.token ?? (own?.type === 'basic' ? own.password : undefined);
  if (token === undefined) return { lacking: `the source ${name} has no token to post statuses with` };
  const base = stored.url ?? spec.url ?? null;
  const { url, body } = statusRequest(host, repository, base, notice);
  return {
    outgoing: {
      url,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization(host, token) },
      body: JSON.stringify(body),
      trusted: URL.parse(url)?.hostname === repository.hostname || base === null,
      // GitLab refuses to say again what a commit's status is already.
      isDone: (status, answer) => host === 'gitlab' && status === 400 && answer.includes('Cannot transition status'),
    },
  };
}

function authorization(host: 'github' | 'gitlab' | 'gitea', token: string): Readonly<Record<string, string>> {
  switch (host) {
    case 'github':
      return { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' };
    case 'gitlab':
      return { 'private-token': token };
    case 'gitea':
      return { authorization: `token ${token}` };
  }
}
