import type { Problem } from '../../core/errors.ts';
import { applicationFile, declarationFolders, pinsFolder, yamlEndings } from '../../core/kinds/kinds.ts';
import { type Declaration, type Pin, parseApplication, parseDeclarations, parsePins } from '../../core/kinds/parse.ts';
import type { FoundApplication } from './decide-applications.ts';
import { checkSources } from './decide-sources.ts';
import type { FileState } from './last-good.ts';
import type { Mirror } from './mirror.ts';

/** What a commit says, parsed. Nothing here depends on what the hub knows already. */
export interface Scan<Item> {
  readonly items: readonly Item[];
  readonly files: FileState;
  readonly problems: readonly Problem[];
}

/** Bytes of all declarations, or of all `app.yaml`, of a repository: what is read at once must not take minutes. */
const maximumBytes = 32 * 1024 * 1024;

/** Reads the fleet's declarations at a commit. @throws FairwayError `tree-too-large` */
export async function scanDeclarations(
  mirror: Mirror,
  commit: string,
  allowPlainHttp: boolean,
): Promise<Scan<Declaration>> {
  const folders = await Promise.all(
    declarationFolders.map((folder) => mirror.files(commit, folder, { endings: yamlEndings, maximumBytes })),
  );
  const files = new Map(folders.flatMap((folder) => [...folder]));
  const parsed = parseDeclarations(files);
  const { usable, problems } = checkSources(parsed.declarations, allowPlainHttp);
  return scanned(usable, files, [...parsed.problems, ...problems]);
}

/** Reads the pins at a commit of their branch. @throws FairwayError `tree-too-large` */
export async function scanPins(mirror: Mirror, commit: string): Promise<Scan<Pin>> {
  const files = await mirror.files(commit, pinsFolder, { endings: yamlEndings, maximumBytes });
  const { pins, problems } = parsePins(files);
  return scanned(pins, files, problems);
}

/**
 * Finds the applications below some folders at a commit.
 * @param previous of another commit of the same repository: what has the same tree is not parsed again
 * @throws FairwayError `tree-too-large`
 */
export async function scanApplications(
  mirror: Mirror,
  commit: string,
  paths: readonly string[],
  previous: Scan<FoundApplication> | null,
): Promise<Scan<FoundApplication>> {
  const known = new Map(previous?.items.map((item) => [item.file, item]));
  const folders = await Promise.all(
    paths.map((path) => mirror.files(commit, path, { names: [applicationFile], maximumBytes })),
  );
  const files = new Map(folders.flatMap((folder) => [...folder]));
  const items: FoundApplication[] = [];
  const problems: Problem[] = [];
  await Promise.all(
    [...files].map(async ([file, content]) => {
      const path = file.slice(0, -applicationFile.length).replace(/\/$/, '');
      const tree = await mirror.treeId(commit, path);
      if (tree === null) return;
      const before = known.get(file);
      if (before?.tree === tree) {
        items.push(before);
        problems.push(...(previous?.problems.filter((problem) => problem.file === file) ?? []));
        return;
      }
      const parsed = parseApplication(file, content);
      problems.push(...parsed.problems);
      items.push({ file, path, tree, application: parsed.application });
    }),
  );
  items.sort((one, other) => (one.file < other.file ? -1 : 1));
  return scanned(items, files, problems);
}

function scanned<Item>(
  items: readonly Item[],
  files: ReadonlyMap<string, unknown>,
  problems: readonly Problem[],
): Scan<Item> {
  const broken = problems.flatMap(({ severity, file }) => (severity === 'error' && file !== null ? [file] : []));
  return { items, files: { present: new Set(files.keys()), broken: new Set(broken) }, problems };
}
