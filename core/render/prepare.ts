import type { Problem } from '../errors.ts';
import type { ApplicationSpec } from '../kinds/application.ts';
import { isMap } from '../kinds/check.ts';
import type { Application } from '../kinds/parse.ts';
import { fieldOf, type YamlPath } from '../yaml/positions.ts';
import { agentTemplate, builtInManifests, isBuiltIn } from './builtin.ts';
import { folderOf, joinPath, manifestFiles } from './files.ts';
import { type Manifest, problemOf, readManifests } from './manifest.ts';

/** A release, read and ready to be rendered for any number of clusters. */
export interface Prepared {
  readonly application: Application;
  readonly manifests: readonly Manifest[];
  /** Patches of each override, by its position in `spec.overrides`. */
  readonly patches: readonly (readonly Manifest[])[];
}

/**
 * Reads an application's files, once a release.
 * @param files by path from the root of the repository; those outside the application's folder are passed over
 * @returns null where an error is among the problems
 */
export function prepare(
  application: Application,
  files: ReadonlyMap<string, Uint8Array>,
): { prepared: Prepared | null; problems: Problem[] } {
  const { spec } = application;
  const folder = folderOf(application.file);
  const problems = [...refuseRender(application), ...checkVariables(application)];
  if (problems.length > 0) return { prepared: null, problems };

  const patches = spec.overrides.map((override, index) =>
    override.patches.flatMap(({ path }, position) => {
      const file = joinPath(folder, path);
      const content = files.get(file);
      if (content !== undefined) return take(readPatches(file, content), problems);
      const field: YamlPath = ['spec', 'overrides', index, 'patches', position, 'path'];
      problems.push(at(application, 'patch-missing', field, `there is no file ${file}`, 'correct the path'));
      return [];
    }),
  );
  const patchFiles = spec.overrides.flatMap((override) => override.patches.map(({ path }) => joinPath(folder, path)));
  if (isBuiltIn(application)) {
    const manifests = take(builtInManifests(application), problems);
    const isWrong = problems.some(({ severity }) => severity === 'error');
    return { prepared: isWrong ? null : { application, manifests, patches }, problems };
  }
  const root = joinPath(folder, spec.path);
  const names = manifestFiles(files.keys(), root, new Set(patchFiles));
  const manifests = names.flatMap((file) => take(readManifests(file, files.get(file) ?? new Uint8Array()), problems));
  if (manifests.length === 0 && problems.length === 0) {
    const message = `there is no manifest (*.yaml, *.yml, *.json) in ${root === '' ? 'the repository' : root}`;
    problems.push(
      at(application, 'manifests-missing', ['spec', 'path'], message, 'correct spec.path, or add manifests'),
    );
  }
  if (problems.some(({ severity }) => severity === 'error')) return { prepared: null, problems };
  return { prepared: { application, manifests, patches }, problems };
}

/** A patch is laid over an object before it is decrypted, so it has to be in clear itself (A13). */
function readPatches(file: string, content: Uint8Array): { manifests: Manifest[]; problems: Problem[] } {
  const { manifests, problems } = readManifests(file, content);
  const encrypted = manifests.filter(
    ({ template }) => isMap(template.value) && typeof template.value.sops === 'string',
  );
  const message = 'SOPS encrypted this patch, and nothing can be laid over an object unread';
  const remedy = 'patch in clear, or encrypt the whole object in a file of its own';
  const refused = encrypted.map(({ line }) => problemOf('patch-encrypted', file, line, null, message, remedy));
  return { manifests, problems: [...problems, ...refused] };
}

function take(read: { manifests: Manifest[]; problems: Problem[] }, problems: Problem[]): Manifest[] {
  problems.push(...read.problems);
  return read.manifests;
}

/** How a folder can be rendered here. */
const supported: readonly ApplicationSpec['render'][] = ['manifests'];

function refuseRender(application: Application): Problem[] {
  const { render } = application.spec;
  if (supported.includes(render) || isBuiltIn(application)) return [];
  const message = `render: ${render} is not supported by this version`;
  return [
    at(
      application,
      'render-not-supported',
      ['spec', 'render'],
      message,
      `use one of: ${supported.join(', ')}; or template: ${agentTemplate}`,
    ),
  ];
}

/** Names that references keep for themselves, and values that would themselves be templates. */
function checkVariables(application: Application): Problem[] {
  const { variables, overrides } = application.spec;
  const places: { readonly path: YamlPath; readonly values: Readonly<Record<string, unknown>> }[] = [
    { path: ['spec', 'variables'], values: variables },
    ...overrides.map((override, index) => ({
      path: ['spec', 'overrides', index, 'variables'],
      values: override.variables,
    })),
  ];
  return places.flatMap(({ path, values }) =>
    Object.entries(values).flatMap(([name, value]) => {
      if (name === 'cluster' || name === 'environment') {
        const message = `${name} is a name that \${{ ${name}… }} has already`;
        return [at(application, 'variable-reserved', [...path, name], message, 'give the variable another name')];
      }
      if (!holdsPlaceholder(value)) return [];
      const message = `the value of ${name} refers to another variable`;
      return [at(application, 'variable-nested', [...path, name], message, 'write both references in the manifest')];
    }),
  );
}

function holdsPlaceholder(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${{');
  if (Array.isArray(value)) return value.some(holdsPlaceholder);
  return isMap(value) && Object.values(value).some(holdsPlaceholder);
}

/** An error about a field of `app.yaml`. */
function at(application: Application, code: string, path: YamlPath, message: string, remedy: string | null): Problem {
  const line = application.lineOf?.(path) ?? null;
  return problemOf(code, application.file, line, fieldOf(path), message, remedy);
}
