/** Something that a file declares. */
export interface Declared {
  readonly key: string;
  /** Of all that is declared, its file among it. */
  readonly digest: string;
  readonly file: string;
}

export interface FileState {
  readonly present: ReadonlySet<string>;
  /** Those with an error. */
  readonly broken: ReadonlySet<string>;
}

export interface Comparison {
  /** Keys that are new or say something else than before. */
  readonly changed: ReadonlySet<string>;
  /** Keys whose file no longer declares them. */
  readonly removed: ReadonlySet<string>;
  /** Keys that stay in force as they were, because their file is broken (G6). */
  readonly kept: ReadonlySet<string>;
}

/**
 * What a commit changes in what is declared. A file that broke takes nothing away. Nor does one that vanished when a
 * broken file appeared beside it: it may be the same, renamed.
 */
export function compareWithLastGood(
  current: readonly Declared[],
  stored: readonly Declared[],
  files: FileState,
): Comparison {
  const digests = new Map(stored.map(({ key, digest }) => [key, digest]));
  const declared = new Set(current.map(({ key }) => key));
  const known = new Set(stored.map(({ file }) => file));
  const foldersOfNewBroken = new Set([...files.broken].filter((file) => !known.has(file)).map(folderOf));

  const removed = new Set<string>();
  const kept = new Set<string>();
  for (const { key, file } of stored) {
    if (declared.has(key)) continue;
    const mayBeThere = files.present.has(file) ? files.broken.has(file) : foldersOfNewBroken.has(folderOf(file));
    (mayBeThere ? kept : removed).add(key);
  }
  const changed = new Set(current.filter(({ key, digest }) => digests.get(key) !== digest).map(({ key }) => key));
  return { changed, removed, kept };
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}
