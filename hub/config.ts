import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Address, formatAddress, parseAddress } from '../core/address.ts';
import { dataHome } from '../core/data-home.ts';
import { FairwayError } from '../core/errors.ts';
import { readTelemetryConfig, type TelemetryConfig } from '../telemetry/config.ts';
import { type LogLevel, parseLogLevel } from '../telemetry/log.ts';

/** Everything that a hub is told from outside. Read once; after that, values are passed. */
export interface HubConfig {
  readonly http: Address;
  readonly grpc: Address;
  /** What agents dial; null: the address of the gRPC port. */
  readonly grpcPublic: Address | null;
  readonly dataDir: string;
  readonly database: { readonly type: 'embedded' } | { readonly type: 'external'; readonly url: string };
  /** Null: the queue stands in the database. */
  readonly redisUrl: string | null;
  readonly fleet: { readonly url: string; readonly branch: string; readonly pinsBranch: string };
  readonly agentImage: string;
  /** Networks, in CIDR notation, to which notifications may be sent besides the public ones. */
  readonly notifyNetworks: readonly string[];
  /** How many clusters a second rollouts hand out at most, over all replicas. */
  readonly rolloutRate: number;
  /** How long a certificate of an agent holds, in milliseconds. */
  readonly certificateLifetime: number;
  /** Milliseconds between two looks at a remote source. */
  readonly pollInterval: number;
  readonly logLevel: LogLevel;
  readonly telemetry: TelemetryConfig;
  /** Tells this replica from others; the same after a restart. */
  readonly replica: string;
}

/** Flags by their variable's name; a flag wins over the environment. */
export type HubFlags = Readonly<Partial<Record<HubVariable, string | undefined>>>;

const hubVariables = [
  'FAIRWAY_HTTP',
  'FAIRWAY_GRPC',
  'FAIRWAY_GRPC_PUBLIC',
  'FAIRWAY_DATA_DIR',
  'FAIRWAY_DATABASE_URL',
  'FAIRWAY_REDIS_URL',
  'FAIRWAY_FLEET_REPO',
  'FAIRWAY_FLEET_BRANCH',
  'FAIRWAY_PINS_BRANCH',
  'FAIRWAY_AGENT_IMAGE',
  'FAIRWAY_NOTIFY_NETWORKS',
  'FAIRWAY_ROLLOUT_RATE',
  'FAIRWAY_CERTIFICATE_LIFETIME',
  'FAIRWAY_POLL_INTERVAL',
  'FAIRWAY_LOG_LEVEL',
] as const;
type HubVariable = (typeof hubVariables)[number];

/**
 * @throws FairwayError `config-missing`, `config-invalid`, `address-invalid`, each naming the variable
 */
export function readHubConfig(flags: HubFlags, environment: NodeJS.ProcessEnv): HubConfig {
  const value = (name: HubVariable): string | null => flags[name] || environment[name] || null;
  const address = (name: HubVariable, fallback: string) => parseAddress(value(name) ?? fallback, name);

  const repository = value('FAIRWAY_FLEET_REPO');
  if (repository === null) {
    throw new FairwayError('config-missing', 'FAIRWAY_FLEET_REPO is not set: a hub follows one fleet repository', {
      field: 'FAIRWAY_FLEET_REPO',
      remedy: 'start it with --fleet-repo URL (https://…, ssh://… or a path)',
    });
  }
  const databaseUrl = value('FAIRWAY_DATABASE_URL');
  const redisUrl = value('FAIRWAY_REDIS_URL');
  checkUrl(
    'FAIRWAY_DATABASE_URL',
    databaseUrl,
    ['postgres:', 'postgresql:'],
    'postgres://USER:PASSWORD@HOST:5432/NAME',
  );
  checkUrl('FAIRWAY_REDIS_URL', redisUrl, ['redis:', 'rediss:'], 'redis://USER:PASSWORD@HOST:6379');
  const grpcPublic = value('FAIRWAY_GRPC_PUBLIC');
  const branch = value('FAIRWAY_FLEET_BRANCH') ?? 'main';
  const grpc = address('FAIRWAY_GRPC', '127.0.0.1:7443');

  return {
    http: address('FAIRWAY_HTTP', '127.0.0.1:7070'),
    grpc,
    grpcPublic: grpcPublic === null ? null : parseAddress(grpcPublic, 'FAIRWAY_GRPC_PUBLIC'),
    dataDir: resolve(value('FAIRWAY_DATA_DIR') ?? dataHome(environment)),
    database: databaseUrl === null ? { type: 'embedded' } : { type: 'external', url: databaseUrl },
    redisUrl,
    fleet: {
      url: isLocalPath(repository) ? resolve(repository) : repository,
      branch,
      pinsBranch: value('FAIRWAY_PINS_BRANCH') ?? 'fairway/pins',
    },
    notifyNetworks: (value('FAIRWAY_NOTIFY_NETWORKS') ?? '').split(/[\s,]+/).filter((network) => network !== ''),
    agentImage: value('FAIRWAY_AGENT_IMAGE') ?? 'ghcr.io/fairway/agent:latest',
    rolloutRate: readCount('FAIRWAY_ROLLOUT_RATE', value('FAIRWAY_ROLLOUT_RATE') ?? '100'),
    certificateLifetime: readMilliseconds(
      'FAIRWAY_CERTIFICATE_LIFETIME',
      value('FAIRWAY_CERTIFICATE_LIFETIME') ?? '30d',
    ),
    pollInterval: readMilliseconds('FAIRWAY_POLL_INTERVAL', value('FAIRWAY_POLL_INTERVAL') ?? '5s'),
    logLevel: parseLogLevel('FAIRWAY_LOG_LEVEL', value('FAIRWAY_LOG_LEVEL')),
    telemetry: readTelemetryConfig('fairway-hub', environment),
    replica: `${hostname()}:${grpc.port}`,
  };
}

/** The address that agents are told to dial. */
export function publicGrpc(config: HubConfig, bound: Address): string {
  return formatAddress(config.grpcPublic ?? bound);
}

function isLocalPath(repository: string): boolean {
  return !/^[a-z+]+:\/\//i.test(repository) && !/^[^/]+@[^/]+:/.test(repository);
}

function checkUrl(name: HubVariable, url: string | null, protocols: readonly string[], form: string): void {
  if (url === null) return;
  if (URL.canParse(url) && protocols.includes(new URL(url).protocol)) return;
  // The value may hold a password, so it is not repeated (A11).
  throw new FairwayError('config-invalid', `${name} is not a ${protocols[0]}// URL`, {
    field: name,
    remedy: `write it as ${form}`,
  });
}

function readMilliseconds(name: HubVariable, text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  if (match === null || unit === undefined || Number(match[1]) === 0) {
    throw new FairwayError('config-invalid', `${name}: "${text}" is not a duration`, {
      field: name,
      remedy: 'write it as 500ms, 5s, 1m, 12h or 30d',
    });
  }
  return Number(match[1]) * unit;
}

function readCount(name: HubVariable, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new FairwayError('config-invalid', `${name}: "${text}" is not a count`, {
    field: name,
    remedy: 'write it as a whole number of at least 1',
  });
}
