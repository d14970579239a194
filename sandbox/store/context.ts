import type { KubeObject } from '../../core/objects/object.ts';
import type { Kind } from '../kinds/kind.ts';
import type { State } from './state.ts';

/** What the operations of a store work on: its state, and the time and chance that were passed in. */
export interface Context {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The object that an operation is about, in the version that the caller speaks. */
export interface Target {
  readonly kind: Kind;
  readonly version: string;
  /** Empty for a cluster-scoped kind. */
  readonly namespace: string;
  readonly name: string;
}

export interface WriteOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  /** The part of the object that is written; all but the status where it is not given. */
  readonly subresource?: 'status' | 'scale';
  /** Told what was dropped from the object. */
  readonly warn?: (text: string) => void;
}

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** A time as objects carry it, to the second. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A random UUID of version 4. */
export function newUid(random: () => number): string {
  const digit = () => Math.floor(random() * 16).toString(16);
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', digit);
}

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** A name with a random suffix, as `generateName` asks for. */
export function generatedName(prefix: string, random: () => number): string {
  const letter = () => suffixLetters[Math.floor(random() * suffixLetters.length)] ?? 'b';
  return prefix.slice(0, 58) + Array.from({ length: 5 }, letter).join('');
}
