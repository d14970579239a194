import { objectsOf, type State } from '../store/state.ts';
import { builtinKinds, definitionKind } from './builtin.ts';
import { isEstablished, kindOfDefinition } from './custom.ts';
import type { Kind } from './kind.ts';

/** Every kind that a store serves now: the built-in ones, and those of its established CRDs. */
export function servedKinds(state: State): readonly Kind[] {
  const custom = [...objectsOf(state, definitionKind).values()].filter(isEstablished).map(kindOfDefinition);
  return [...builtinKinds, ...custom];
}

/** The kind that is served under a group, a version and a plural; null where there is none. */
export function kindOfPath(state: State, group: string, version: string, plural: string): Kind | null {
  const kind = kindOfPlural(state, group, plural);
  return kind?.versions.includes(version) === true ? kind : null;
}

/** As `kindOfPath`, in whatever version. */
export function kindOfPlural(state: State, group: string, plural: string): Kind | null {
  const builtin = builtinByKey.get(`${group}/${plural}`);
  if (builtin !== undefined) return builtin;
  const definition = objectsOf(state, definitionKind).get(`/${plural}.${group}`);
  return definition !== undefined && isEstablished(definition) ? kindOfDefinition(definition) : null;
}

const builtinByKey = new Map(builtinKinds.map((kind) => [`${kind.group}/${kind.plural}`, kind]));

/** The kind of an object by what it says of itself; null where it is not served. */
export function kindOfObject(state: State, group: string, name: string): Kind | null {
  return servedKinds(state).find((kind) => kind.group === group && kind.kind === name) ?? null;
}
