import type { Notice } from './notice.ts';

/**
 * A notice as CloudEvents 1.0 has it, in structured mode (`application/cloudevents+json`).
 * @param source a URI reference that names this hub among others
 */
export function toCloudEvent(source: string, notice: Notice): Readonly<Record<string, unknown>> {
  const { id, type, subject, message, at, environments, application, cluster, release, facts, origin } = notice;
  return {
    specversion: '1.0',
    id,
    source,
    type: `dev.fairway.${type}`,
    subject,
    time: at,
    datacontenttype: 'application/json',
    data: {
      message,
      environments,
      application,
      cluster,
      release,
      source: origin?.source ?? null,
      commit: origin?.commit ?? null,
      ...facts,
    },
  };
}

/** A notice as Slack's incoming webhooks take it, and those of Mattermost, Rocket.Chat and Discord (`/slack`). */
export function toSlack({ message, type, subject }: Notice): Readonly<Record<string, unknown>> {
  return { text: `${marks[type.split('.')[1] ?? ''] ?? ''} ${withoutMarkUp(message)} (${subject})`.trim() };
}

const marks: Readonly<Record<string, string>> = {
  waiting: ':raising_hand:',
  stopped: ':octagonal_sign:',
  settled: ':white_check_mark:',
  started: ':arrow_forward:',
  fought: ':crossed_swords:',
  silent: ':mute:',
  returned: ':wave:',
};

/** What Slack reads as mark-up, a link or a mention; names in a fleet may be anybody's words. */
function withoutMarkUp(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
