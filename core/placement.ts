import type { Problem } from './errors.ts';
import { matchesGlob } from './glob.ts';
import type { DriftMode, TenantBounds } from './link/assignment.ts';
import { list } from './names.ts';
import { type LabelSelector, type Labels, matches } from './selector.ts';

/**
 * What each cluster is to run of one application (G1): what its rollout has handed it, else what is settled in its
 * environment. Pure: the caller reads the world, renders what is assigned, and writes.
 */
export function decidePlacements(world: PlacementWorld): PlacementDecision {
  const problems: Problem[] = [];
  const refused = new Set<string>();
  for (const candidate of world.candidates) {
    const refusal = candidate.listed ? refuseTenant(world, candidate) : null;
    if (refusal === null) continue;
    problems.push(refusal);
    refused.add(candidate.environment);
  }

  const existing = new Map(world.placements.map((placement) => [placement.cluster, placement]));
  const steps: PlacementStep[] = [];
  const conflicts = new Map<string, string[]>();
  const lacking = new Map<string, string[]>();

  for (const cluster of world.clusters) {
    const matching = world.candidates.filter(({ listed, clusters }) => listed && matches(clusters, cluster.labels));
    const placement = existing.get(cluster.name) ?? null;
    const [candidate, rival] = matching;
    if (rival !== undefined) {
      const names = matching.map(({ environment }) => environment).join(' and ');
      conflicts.set(names, [...(conflicts.get(names) ?? []), cluster.name]);
      continue;
    }
    const taken = takeAway(world, cluster, placement);
    if (taken !== null) steps.push(taken);
    else if (candidate?.wanted !== true) {
      if (placement?.state === 'active') steps.push(leave(placement, world));
    } else if (!cluster.cordoned && !refused.has(candidate.environment)) {
      const target = candidate.given.get(cluster.name) ?? candidate.settled;
      if (target === null || target.removal) continue;
      const lack =
        placement?.release === target.release ? undefined : world.lacks.get(target.release)?.get(cluster.name);
      if (lack === undefined) steps.push(assign(world, cluster, candidate, target));
      else lacking.set(lack, [...(lacking.get(lack) ?? []), cluster.name]);
    }
  }

  for (const [environments, clusters] of conflicts)
    problems.push(conflictProblem(world.application, environments, clusters));
  for (const [lack, clusters] of lacking) problems.push(lackProblem(world.application, lack, clusters));
  return { steps, problems };
}

export interface PlacementWorld {
  readonly application: string;
  /** Null: the application names none. `missing`: it names one that is not declared. */
  readonly tenant: { readonly bounds: TenantBounds; readonly environments: readonly string[] } | 'missing' | null;
  /** The environments that this application is to run in, or is being taken away from. */
  readonly candidates: readonly Candidate[];
  readonly clusters: readonly PlacementCluster[];
  readonly placements: readonly ExistingPlacement[];
  /** Why a placement that no environment wants any more is leaving: the folder, the environment or the label is gone. */
  readonly applicationGone: boolean;
  /** By release and cluster: what it depends on and is not healthy there, in words (R12). */
  readonly lacks: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** One environment, as it concerns the application. */
export interface Candidate {
  readonly environment: string;
  readonly clusters: LabelSelector;
  readonly drift: DriftMode;
  /** The application lists it. */
  readonly listed: boolean;
  /** It is to run there: it is listed, and pinned or follows the head. */
  readonly wanted: boolean;
  /** What the clusters run that no rollout has come to; null: nothing yet. */
  readonly settled: PlacementTarget | null;
  /** What a rollout has handed each cluster since, by cluster. */
  readonly given: ReadonlyMap<string, PlacementTarget>;
}

/** What a cluster is to run; with `removal`, what it is to run no more. */
export interface PlacementTarget {
  readonly release: string;
  readonly removal: boolean;
}

export interface PlacementCluster {
  readonly name: string;
  readonly labels: Labels;
  /** Nothing new is given to a cordoned cluster. */
  readonly cordoned: boolean;
}

interface ExistingPlacement {
  readonly cluster: string;
  readonly environment: string;
  readonly state: 'active' | 'leaving';
  readonly release: string;
  /** Its agent has reported that nothing of the application is left. */
  readonly removed: boolean;
}

export interface PlacementDecision {
  readonly steps: readonly PlacementStep[];
  readonly problems: readonly Problem[];
}

export type PlacementStep =
  | AssignStep
  /** It keeps running what it runs, and says that it is leaving (G9). */
  | { readonly type: 'leave'; readonly cluster: string; readonly reason: string }
  /** Its agent has taken everything away: there is no placement any more. */
  | { readonly type: 'remove'; readonly cluster: string };

export interface AssignStep extends PlacementTarget {
  readonly type: 'assign';
  readonly cluster: string;
  readonly labels: Labels;
  readonly environment: string;
  readonly drift: DriftMode;
  readonly tenant: TenantBounds | null;
}

function assign(
  { tenant }: PlacementWorld,
  { name, labels }: PlacementCluster,
  { environment, drift }: Candidate,
  target: PlacementTarget,
): AssignStep {
  const bounds = tenant === null || tenant === 'missing' ? null : tenant.bounds;
  return { type: 'assign', cluster: name, labels, environment, ...target, drift, tenant: bounds };
}

/** What a removal does with a placement that it has come to; null: none has (G9). */
function takeAway(
  world: PlacementWorld,
  cluster: PlacementCluster,
  placement: ExistingPlacement | null,
): PlacementStep | null {
  const candidate = world.candidates.find(({ environment }) => environment === placement?.environment);
  if (placement === null || candidate === undefined) return null;
  const target = candidate.given.get(cluster.name) ?? (candidate.wanted ? null : candidate.settled);
  if (target === null || !target.removal) return null;
  if (placement.removed) return { type: 'remove', cluster: cluster.name };
  return cluster.cordoned ? null : assign(world, cluster, candidate, target);
}

function leave(placement: ExistingPlacement, world: PlacementWorld): PlacementStep {
  const candidate = world.candidates.find(({ environment }) => environment === placement.environment);
  const reason = world.applicationGone
    ? `application ${world.application} is no longer in Git`
    : candidate?.listed !== true
      ? `environment ${placement.environment} no longer has application ${world.application}`
      : candidate.wanted
        ? `the cluster's labels no longer match environment ${placement.environment}`
        : `the pin of ${world.application} in environment ${placement.environment} is gone`;
  return { type: 'leave', cluster: placement.cluster, reason };
}

function refuseTenant({ application, tenant }: PlacementWorld, { environment }: Candidate): Problem | null {
  if (tenant === null) return null;
  const base = { severity: 'error', file: null, line: null, field: 'metadata.tenant' } as const;
  if (tenant === 'missing') {
    return {
      ...base,
      code: 'tenant-missing',
      message: `application ${application} names a tenant that is not declared; it keeps what it runs`,
      remedy: 'declare the tenant in tenants/, or correct metadata.tenant of app.yaml',
    };
  }
  if (tenant.environments.some((pattern) => matchesGlob(pattern, environment))) return null;
  return {
    ...base,
    code: 'tenant-environment',
    message: `tenant ${tenant.bounds.name} may not use environment ${environment}; application ${application} keeps what it runs there`,
    remedy: `add ${environment} to spec.environments of the tenant, or take it out of app.yaml`,
  };
}

function conflictProblem(application: string, environments: string, clusters: readonly string[]): Problem {
  return {
    code: 'cluster-in-two-environments',
    severity: 'error',
    file: null,
    line: null,
    field: 'spec.clusters',
    message: `application ${application}: environments ${environments} both match ${list(clusters)}; what runs there stays`,
    remedy: 'make the selectors of the environments exclude one another, or take one of them out of app.yaml',
  };
}

function lackProblem(application: string, lack: string, clusters: readonly string[]): Problem {
  return {
    code: 'dependency-not-healthy',
    severity: 'warning',
    file: null,
    line: null,
    field: 'spec.dependsOn',
    message: `application ${application} waits on ${list(clusters)}: ${lack}`,
    remedy: null,
  };
}
