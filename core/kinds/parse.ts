import type { Problem } from '../errors.ts';
import type { Labels } from '../selector.ts';
import type { ApplicationSpec } from './application.ts';
import type { ClusterSpec } from './cluster.ts';
import type { EnvironmentSpec } from './environment.ts';
import type { PinSpec } from './pin.ts';
import type { PolicySpec } from './policy.ts';
import type { RoleBindingSpec } from './role-binding.ts';
import type { SourceSpec } from './source.ts';
import type { TemplateSpec } from './template.ts';
import type { TenantSpec } from './tenant.ts';
import type { WindowSpec } from './window.ts';

/** What each kind that the fleet repository declares says. Applications and pins stand apart: they have files of their own. */
export interface DeclaredSpecs {
  Environment: EnvironmentSpec;
  Source: SourceSpec;
  Tenant: TenantSpec;
  Cluster: ClusterSpec;
  RoleBinding: RoleBindingSpec;
  Window: WindowSpec;
  Policy: PolicySpec;
  Template: TemplateSpec;
}
export type DeclaredKind = keyof DeclaredSpecs;

export type Declaration = {
  readonly [Kind in DeclaredKind]: {
    readonly kind: Kind;
    readonly name: string;
    readonly labels: Labels;
    /** Defaults applied. */
    readonly spec: DeclaredSpecs[Kind];
    readonly file: string;
    readonly line: number;
  };
}[DeclaredKind];

/** Folders of the fleet repository in which declarations stand; any kind in any of them. */
export const declarationFolders: readonly string[] = [
  'environments',
  'sources',
  'tenants',
  'access',
  'windows',
  'policies',
  'templates',
  'clusters',
];
/** The folder of the pins' branch in which pins stand. */
export const pinsFolder = 'pins';
/** The file that makes a folder an application. */
export const applicationFile = 'app.yaml';

/** Reads the files of `declarationFolders`, by path. A broken one yields problems and no declaration (G6). */
export function parseDeclarations(files: ReadonlyMap<string, Uint8Array>): {
  declarations: Declaration[];
  problems: Problem[];
} {
  void files;
  return { declarations: [], problems: [] };
}

export interface Pin {
  readonly environment: string;
  readonly application: string;
  readonly spec: PinSpec;
  readonly file: string;
}

/** Reads the files below `pins/`. */
export function parsePins(files: ReadonlyMap<string, Uint8Array>): { pins: Pin[]; problems: Problem[] } {
  void files;
  return { pins: [], problems: [] };
}

export interface Application {
  readonly name: string;
  readonly tenant: string | null;
  readonly spec: ApplicationSpec;
  readonly file: string;
}

/** Reads one `app.yaml`; null where it has errors. Its folder is that of `file`. */
export function parseApplication(
  file: string,
  content: Uint8Array,
): { application: Application | null; problems: Problem[] } {
  void content;
  return { application: null, problems: file === '' ? [] : [] };
}
