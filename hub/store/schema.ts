import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { DriftMode, TenantBounds } from '../../core/assignment.ts';
import type { ObjectRef } from '../../core/object.ts';
import type { CheckVerdict, GateWait, MoveKind, PromotionOrigin, PromotionState } from '../../core/promotion/types.ts';
import type { ApplicationStatus, Health, Phase, Wait } from '../../core/status.ts';

/** The tables as Kysely sees them. What each column means stands in the migrations. `bigint` is read as a number. */
export interface Schema {
  settings: { name: string; value: Jsonb<unknown> };
  sources: {
    name: string;
    origin: 'fleet' | 'declared';
    spec: Jsonb<unknown>;
    head: string | null;
    head_committed_at: Time | null;
    head_author: string | null;
    head_message: string | null;
    head_seen_at: Time | null;
    rewritten_head: string | null;
    checked_at: Time | null;
    error_code: string | null;
    error_message: string | null;
    error_since: Time | null;
    removed_at: Time | null;
  };
  source_credentials: { source: string; sealed: Uint8Array; updated_at: GeneratedTime };
  declarations: {
    kind: string;
    name: string;
    spec: Jsonb<unknown>;
    labels: Jsonb<Record<string, string>>;
    file: string;
    line: Generated<number>;
    commit: string;
    declared_at: GeneratedTime;
  };
  problems: {
    id: GeneratedAlways<number>;
    scope: string;
    source: string | null;
    commit: string | null;
    severity: 'error' | 'warning';
    code: string;
    file: string | null;
    line: number | null;
    field: string | null;
    message: string;
    remedy: string | null;
    since: GeneratedTime;
  };
  applications: {
    name: string;
    source: string;
    path: string;
    tree: string;
    commit: string;
    spec: Jsonb<unknown> | null;
    tenant: string | null;
    newest_release: string | null;
    traceparent: string | null;
    seen_at: GeneratedTime;
    removed_at: Time | null;
  };
  releases: {
    id: string;
    application: string;
    source: string;
    commit: string;
    tree: string;
    path: string;
    spec: Jsonb<unknown>;
    author: string | null;
    message: string | null;
    committed_at: Time | null;
    origin: 'head' | 'pin';
    sequence: GeneratedAlways<number>;
    traceparent: string | null;
    created_at: GeneratedTime;
  };
  bundles: {
    digest: string;
    size: number;
    objects: Jsonb<ObjectRef[]>;
    sealed: boolean;
    content: Uint8Array;
    created_at: GeneratedTime;
  };
  renders: { release: string; render_key: string; bundle: string };
  pins: {
    environment: string;
    application: string;
    spec: Jsonb<unknown>;
    revision: string;
    commit: string;
    file: string;
    traceparent: string | null;
    promotion: number | null;
  };
  clusters: {
    name: string;
    labels: Jsonb<Record<string, string>>;
    declared_labels: Jsonb<Record<string, string>> | null;
    allow: Jsonb<{ kinds?: string[]; namespaces?: string[] }> | null;
    state: 'registered' | 'joined' | 'revoked';
    cordoned_at: Time | null;
    cordoned_reason: string | null;
    agent_version: string | null;
    kubernetes_version: string | null;
    desired_version: Generated<number>;
    epoch: string | null;
    events_stored: Generated<number>;
    events_dropped: Generated<number>;
    connected: Generated<boolean>;
    replica: string | null;
    connection_since: Time | null;
    last_seen_at: Time | null;
    registered_at: GeneratedTime;
    joined_at: Time | null;
  };
  join_tokens: {
    hash: string;
    cluster: string;
    created_by: string;
    created_at: GeneratedTime;
    expires_at: Time;
    used_at: Time | null;
  };
  certificates: {
    serial: string;
    cluster: string;
    issued_at: GeneratedTime;
    expires_at: Time;
    revoked_at: Time | null;
  };
  placements: {
    cluster: string;
    application: string;
    environment: string;
    state: 'active' | 'leaving';
    state_reason: string | null;
    state_since: GeneratedTime;
    release: string;
    bundle: string;
    generation: number;
    drift_mode: DriftMode;
    tenant: Jsonb<TenantBounds> | null;
    traceparent: string | null;
    assigned_at: GeneratedTime;
    reported: Jsonb<ApplicationStatus> | null;
    reported_digest: string | null;
    reported_at: Time | null;
    health: Health | null;
    phase: Phase | null;
    running_release: string | null;
    running_bundle: string | null;
  };
  prune_approvals: {
    environment: string;
    application: string;
    release: string;
    approved_by: string;
    promotion: string | null;
    at: GeneratedTime;
  };
  drifts: {
    id: GeneratedAlways<number>;
    cluster: string;
    application: string;
    object_group: string;
    object_kind: string;
    object_namespace: string;
    object_name: string;
    field: string;
    wanted: string | null;
    found: string | null;
    manager: string;
    state: 'open' | 'corrected' | 'gone' | 'fought';
    first_seen_at: Time;
    ended_at: Time | null;
  };
  events: {
    id: GeneratedAlways<number>;
    at: Time;
    cluster: string | null;
    application: string | null;
    environment: string | null;
    release: string | null;
    type: string;
    severity: 'info' | 'warning' | 'error';
    message: string;
    data: Jsonb<unknown>;
    epoch: string | null;
    sequence: number | null;
  };
  settlements: {
    id: GeneratedAlways<number>;
    environment: string;
    application: string;
    release: string;
    rollout: number | null;
    settled_at: GeneratedTime;
    healthy_since: Time | null;
    soaked_ms: Generated<number>;
    superseded_at: Time | null;
  };
  plans: { digest: string; content: Jsonb<unknown>; created_at: GeneratedTime };
  promotions: {
    id: GeneratedAlways<number>;
    promotion_set: number | null;
    environment: string;
    application: string;
    kind: MoveKind;
    origin: PromotionOrigin;
    source: string | null;
    revision: string | null;
    release: string | null;
    previous: string | null;
    state: PromotionState;
    state_reason: string | null;
    state_since: GeneratedTime;
    waits: ColumnType<GateWait[], string | undefined, string>;
    plan_digest: string | null;
    pin_before: string | null;
    pin_commit: string | null;
    rollout: number | null;
    requested_by: string;
    reason: string | null;
    authors: Jsonb<string[]> | null;
    generation: Generated<number>;
    traceparent: string | null;
    created_at: GeneratedTime;
    ended_at: Time | null;
  };
  approvals: {
    id: GeneratedAlways<number>;
    promotion: number;
    actor: string;
    role: string;
    decision: 'approve' | 'reject';
    plan_digest: string;
    reason: string | null;
    at: GeneratedTime;
    voided_at: Time | null;
    voided_reason: string | null;
  };
  checks: {
    id: GeneratedAlways<number>;
    release: string;
    environment: string | null;
    name: string;
    verdict: CheckVerdict;
    detail: string | null;
    url: string | null;
    reported_by: string;
    at: GeneratedTime;
  };
  overrides: { promotion: number; gate: string; actor: string; reason: string; at: GeneratedTime };
  rollouts: {
    id: GeneratedAlways<number>;
    environment: string;
    application: string;
    promotion: number | null;
    kind: MoveKind;
    release: string;
    previous: string | null;
    strategy: Jsonb<unknown>;
    state: string;
    state_reason: string | null;
    state_since: GeneratedTime;
    wait: Jsonb<Wait> | null;
    wave: Generated<number>;
    generation: Generated<number>;
    wake_at: Time | null;
    started_by: string;
    traceparent: string | null;
    created_at: GeneratedTime;
    ended_at: Time | null;
  };
  rollout_waves: {
    rollout: number;
    position: number;
    name: string;
    state: string;
    started_at: Time | null;
    healthy_since: Time | null;
    approved_by: string | null;
    approved_at: Time | null;
    ended_at: Time | null;
  };
  rollout_clusters: {
    rollout: number;
    cluster: string;
    wave: number;
    state: string;
    state_reason: string | null;
    state_since: GeneratedTime;
    assigned_at: Time | null;
    deadline: Time | null;
    attempts: Generated<number>;
  };
  rollout_history: {
    id: GeneratedAlways<number>;
    rollout: number;
    generation: number;
    at: GeneratedTime;
    wave: number | null;
    cluster: string | null;
    event: string;
    detail: Jsonb<unknown>;
  };
  tokens: {
    id: string;
    name: string;
    hash: string;
    role: string;
    environments: Generated<string[]>;
    tenants: Generated<string[]>;
    created_by: string;
    created_at: GeneratedTime;
    expires_at: Time | null;
    revoked_at: Time | null;
    last_used_at: Time | null;
  };
  idempotency_keys: {
    principal: string;
    key: string;
    request: string;
    status: number | null;
    response: Jsonb<unknown> | null;
    created_at: GeneratedTime;
  };
  ledger: {
    id: GeneratedAlways<number>;
    at: GeneratedTime;
    actor: string;
    action: string;
    subject: string;
    cluster: string | null;
    environment: string | null;
    application: string | null;
    release: string | null;
    approvers: string[] | null;
    digest_before: string | null;
    digest_after: string | null;
    commit: string | null;
    detail: Jsonb<unknown>;
  };
}

/** Written as a Date or an ISO text, read as a Date. */
type Time = ColumnType<Date, Date | string, Date | string>;

/** A time that the database gives where the writer does not. */
type GeneratedTime = ColumnType<Date, Date | string | undefined, Date | string>;

/** Read as a value; written as JSON text (`JSON.stringify`). */
type Jsonb<T> = ColumnType<T, string, string>;
