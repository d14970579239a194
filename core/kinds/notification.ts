import { type Static, Type } from 'typebox';
import { noticeTypes } from '../notification/notice.ts';
import { Name, NameGlob } from './scalars.ts';

const everything = { default: ['*'] };

/** Who is told of what, and how. */
export const NotificationSpec = Type.Object(
  {
    /**
     * `cloudevents` and `slack` are sent to `url`; `commit-status` to the Git host of the release's source, and `url`
     * is the base of its API where that cannot be told from the source.
     */
    format: Type.Enum(['cloudevents', 'slack', 'commit-status'], { default: 'cloudevents' }),
    /** Left out where the credentials hold it, as for Slack, whose URLs are secrets. */
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s@/]+(/[^\\s]*)?$',
        expected: 'a URL without a password: https://hooks.example/fairway',
        concealed: true,
      }),
    ),
    /** Name of credentials given over REST; they are never in Git. */
    credentials: Type.Optional(Name),
    /** Empty: what a person may have to act on; of commit statuses, what moves. */
    events: Type.Array(Type.Enum([...noticeTypes]), { default: [] }),
    environments: Type.Array(NameGlob, everything),
    applications: Type.Array(NameGlob, everything),
    /** Of commit statuses: whose commits, and whose API. Left out, the host's name says which. */
    sources: Type.Array(NameGlob, everything),
    host: Type.Optional(Type.Enum(['github', 'gitlab', 'gitea'])),
  },
  { additionalProperties: false },
);
export type NotificationSpec = Static<typeof NotificationSpec>;
