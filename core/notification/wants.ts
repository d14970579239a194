import { matchesGlob } from '../glob.ts';
import type { NotificationSpec } from '../kinds/notification.ts';
import { commitStatusTypes } from './commit-status.ts';
import { type Notice, type NoticeType, urgentTypes } from './notice.ts';

/** True where a declared notification is to tell of a notice. */
export function wants(spec: NotificationSpec, notice: Notice): boolean {
  if (!typesOf(spec).includes(notice.type)) return false;
  if (spec.format === 'commit-status') {
    const { origin } = notice;
    if (origin === null || notice.facts.kind === 'removal' || !covers(spec.sources, [origin.source])) return false;
  }
  // What belongs to no environment, as a cluster on which nothing runs yet, goes to whoever is told of all.
  const environments = notice.environments.length === 0 ? [''] : notice.environments;
  return (
    covers(spec.environments, environments) &&
    (notice.application === null || covers(spec.applications, [notice.application]))
  );
}

function typesOf({ events, format }: NotificationSpec): readonly NoticeType[] {
  const possible = format === 'commit-status' ? commitStatusTypes : null;
  if (events.length === 0) return possible ?? urgentTypes;
  return possible === null ? events : events.filter((type) => possible.includes(type));
}

function covers(globs: readonly string[], names: readonly string[]): boolean {
  return names.some((name) => globs.some((glob) => matchesGlob(glob, name)));
}
