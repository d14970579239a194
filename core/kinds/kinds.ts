import type { TSchema } from 'typebox';
import { ApplicationSpec } from './application.ts';
import { ClusterSpec } from './cluster.ts';
import { EnvironmentSpec } from './environment.ts';
import { NotificationSpec } from './notification.ts';
import { PinSpec } from './pin.ts';
import { PolicySpec } from './policy.ts';
import { RoleBindingSpec } from './role-binding.ts';
import { SourceSpec } from './source.ts';
import { TemplateSpec } from './template.ts';
import { TenantSpec } from './tenant.ts';
import { WindowSpec } from './window.ts';

/** The version of every kind. */
export const apiVersion = 'fairway.dev/v1';

/** What each kind that the fleet repository declares says. Applications and pins stand apart, in files of their own. */
export interface DeclaredSpecs {
  Environment: EnvironmentSpec;
  Source: SourceSpec;
  Tenant: TenantSpec;
  Cluster: ClusterSpec;
  RoleBinding: RoleBindingSpec;
  Window: WindowSpec;
  Policy: PolicySpec;
  Template: TemplateSpec;
  Notification: NotificationSpec;
}
export type DeclaredKind = keyof DeclaredSpecs;
export type Kind = DeclaredKind | 'Application' | 'Pin';

/** The schema of each kind's `spec`. */
export const specSchemas: Readonly<Record<Kind, TSchema>> = {
  Environment: EnvironmentSpec,
  Source: SourceSpec,
  Tenant: TenantSpec,
  Cluster: ClusterSpec,
  RoleBinding: RoleBindingSpec,
  Window: WindowSpec,
  Policy: PolicySpec,
  Template: TemplateSpec,
  Notification: NotificationSpec,
  Application: ApplicationSpec,
  Pin: PinSpec,
};

/** Where each kind stands, for people. */
export const homes: Readonly<Record<Kind, string>> = {
  Environment: 'environments/',
  Source: 'sources/',
  Tenant: 'tenants/',
  Cluster: 'clusters/',
  RoleBinding: 'access/',
  Window: 'windows/',
  Policy: 'policies/',
  Template: 'templates/',
  Notification: 'notifications/',
  Application: "app.yaml in the application's own folder",
  Pin: "pins/ on the pins' branch",
};

/** Folders of the fleet repository in which declarations stand; any declared kind in any of them. */
export const declarationFolders: readonly string[] = [
  'environments',
  'sources',
  'tenants',
  'access',
  'windows',
  'policies',
  'templates',
  'notifications',
  'clusters',
];
/** The folder of the pins' branch in which pins stand. */
export const pinsFolder = 'pins';
/** The folders of the fleet repository in which applications stand; other sources name theirs. */
export const fleetApplications: readonly string[] = ['apps'];
/** The file that makes a folder an application. */
export const applicationFile = 'app.yaml';
/** Endings of files that are read as declarations or manifests. */
export const yamlEndings: readonly string[] = ['.yaml', '.yml', '.json'];

/** True for a file that is read as YAML. */
export function isYamlFile(path: string): boolean {
  return yamlEndings.some((ending) => path.endsWith(ending));
}
