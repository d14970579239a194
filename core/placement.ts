import type { DriftMode, TenantBounds } from './assignment.ts';
import type { Problem } from './errors.ts';
import { matchesGlob } from './glob.ts';
import { type LabelSelector, type Labels, matches } from './selector.ts';

/**
 * Which release of one application each cluster is to run (G1). Pure: the caller reads the world, renders what is
 * assigned, and writes.
 */
export function decidePlacements(world: PlacementWorld): PlacementDecision {
  const wanted = new Map<string, Candidate[]>();
  const problems: Problem[] = [];

  const refused = new Set<string>();

  for (const candidate of world.candidates) {
    const refusal = refuseTenant(world, candidate);
    if (refusal !== null) {
      problems.push(refusal);
      refused.add(candidate.environment);
    }
    for (const cluster of world.clusters) {
      if (!matches(candidate.clusters, cluster.labels)) continue;
      const others = wanted.get(cluster.name);
      if (others === undefined) wanted.set(cluster.name, [candidate]);
      else others.push(candidate);
    }
  }

  const existing = new Map(world.placements.map((placement) => [placement.cluster, placement]));
  const steps: PlacementStep[] = [];
  const conflicts = new Map<string, string[]>();

  for (const cluster of world.clusters) {
    const candidates = wanted.get(cluster.name) ?? [];
    const placement = existing.get(cluster.name) ?? null;
    const [candidate, rival] = candidates;
    if (rival !== undefined) {
      const names = candidates.map(({ environment }) => environment).join(' and ');
      conflicts.set(names, [...(conflicts.get(names) ?? []), cluster.name]);
    } else if (candidate === undefined) {
      if (placement?.state === 'active') steps.push(leave(placement, world));
    } else if (candidate.release !== null && !cluster.cordoned && !refused.has(candidate.environment)) {
      steps.push({
        type: 'assign',
        cluster: cluster.name,
        labels: cluster.labels,
        environment: candidate.environment,
        release: candidate.release,
        drift: candidate.drift,
        tenant: world.tenant === null || world.tenant === 'missing' ? null : world.tenant.bounds,
      });
    }
  }

  for (const [environments, clusters] of conflicts)
    problems.push(conflictProblem(world.application, environments, clusters));
  return { steps, problems };
}

export interface PlacementWorld {
  readonly application: string;
  /** Null: the application names none. `missing`: it names one that is not declared. */
  readonly tenant: { readonly bounds: TenantBounds; readonly environments: readonly string[] } | 'missing' | null;
  /** The environments that this application is to run in. */
  readonly candidates: readonly Candidate[];
  readonly clusters: readonly PlacementCluster[];
  readonly placements: readonly ExistingPlacement[];
  /** Why a placement that no environment wants any more is leaving: the folder, the environment or the label is gone. */
  readonly applicationGone: boolean;
}

/** One environment that lists the application. */
export interface Candidate {
  readonly environment: string;
  readonly clusters: LabelSelector;
  readonly drift: DriftMode;
  /** What it is to run; null: nothing yet (no pin, or its release cannot be made), so nothing moves. */
  readonly release: string | null;
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
}

export interface PlacementDecision {
  readonly steps: readonly PlacementStep[];
  readonly problems: readonly Problem[];
}

export type PlacementStep =
  | {
      readonly type: 'assign';
      readonly cluster: string;
      readonly labels: Labels;
      readonly environment: string;
      readonly release: string;
      readonly drift: DriftMode;
      readonly tenant: TenantBounds | null;
    }
  /** It keeps running what it runs, and says that it is leaving (G9). */
  | { readonly type: 'leave'; readonly cluster: string; readonly reason: string };

function leave(placement: ExistingPlacement, world: PlacementWorld): PlacementStep {
  const still = world.candidates.some(({ environment }) => environment === placement.environment);
  const reason = world.applicationGone
    ? `application ${world.application} is no longer in Git`
    : still
      ? `the cluster's labels no longer match environment ${placement.environment}`
      : `environment ${placement.environment} no longer has application ${world.application}`;
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
  const shown = clusters.slice(0, 5).join(', ');
  const more = clusters.length > 5 ? ` and ${clusters.length - 5} more` : '';
  return {
    code: 'cluster-in-two-environments',
    severity: 'error',
    file: null,
    line: null,
    field: 'spec.clusters',
    message: `application ${application}: environments ${environments} both match ${shown}${more}; what runs there stays`,
    remedy: 'make the selectors of the environments exclude one another, or take one of them out of app.yaml',
  };
}
