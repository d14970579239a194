/** What the fleet has to say. The names are those of `events` in a Notification. */
export const noticeTypes = [
  'promotion.waiting', // for a person
  'rollout.started',
  'rollout.waiting', // for a person to open the next wave
  'rollout.stopped', // paused, rolling back, rolled back or aborted
  'rollout.settled',
  'drift.fought',
  'agent.silent',
  'agent.returned',
] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** What a person may have to act on, or has been told before and is over. */
export const urgentTypes: readonly NoticeType[] = [
  'promotion.waiting',
  'rollout.waiting',
  'rollout.stopped',
  'drift.fought',
  'agent.silent',
  'agent.returned',
];

/** One thing to tell. It is told once, whoever looks, and how often. */
export interface Notice {
  /** A UUID, the same for everybody who is told. */
  readonly id: string;
  readonly type: NoticeType;
  /** `promotion/42`, `rollout/7`, `cluster/eu-1`, `drift/12`. */
  readonly subject: string;
  /** A sentence. */
  readonly message: string;
  /** ISO 8601: since when it is so. */
  readonly at: string;
  /** Those that it is about; of a cluster, those of what runs there. */
  readonly environments: readonly string[];
  readonly application: string | null;
  readonly cluster: string | null;
  readonly release: string | null;
  /** The state of a promotion or rollout; what is particular to a type. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Where its release comes from; null: it has none. */
  readonly origin: { readonly source: string; readonly commit: string } | null;
}
