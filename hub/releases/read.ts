import { FairwayError, type Problem } from '../../core/errors.ts';
import { applicationFile, yamlEndings } from '../../core/kinds/kinds.ts';
import { type Application, parseApplication } from '../../core/kinds/parse.ts';
import { folderOf, joinPath } from '../../core/render/files.ts';
import { type Prepared, prepare } from '../../core/render/prepare.ts';
import type { Mirror } from '../sources/mirror.ts';

/** The bytes of one application's folder that are read at most. */
const folderLimit = 64 * 1024 * 1024;

/** An application at a commit, read and prepared; null where an error is among the problems. */
export interface ReadRelease {
  readonly prepared: Prepared | null;
  readonly problems: readonly Problem[];
  /** Bytes of the files that were read. */
  readonly size: number;
}

/**
 * Reads the application in a folder at a commit that the mirror has. What is wrong with the files are problems.
 * @throws FairwayError of the mirror that may pass by itself (`retry: 'again'`)
 */
export async function readRelease(mirror: Mirror, commit: string, path: string): Promise<ReadRelease> {
  try {
    const files = await mirror.files(commit, path, { endings: yamlEndings, maximumBytes: folderLimit });
    const file = joinPath(path, applicationFile);
    const content = files.get(file);
    if (content === undefined) return broken('application-missing', file, `there is no ${file} at ${commit}`);
    const { application, problems } = parseApplication(file, content);
    const size = [...files.values()].reduce((total, bytes) => total + bytes.length, 0);
    return application === null ? { prepared: null, problems, size } : { ...prepare(application, files), size };
  } catch (error) {
    if (!(error instanceof FairwayError) || error.retry === 'again') throw error;
    return broken(error.code, path === '' ? null : path, error.message, error.remedy);
  }
}

/**
 * Finds the folder of an application at a commit: where it is expected, or else below the folders in which its
 * source's applications are looked for. Null where it is in none.
 */
export async function locateApplication(
  mirror: Mirror,
  commit: string,
  name: string,
  expected: string | null,
  folders: readonly string[],
): Promise<string | null> {
  const isIt = (application: Application | null) => application?.name === name;
  if (expected !== null) {
    const file = joinPath(expected, applicationFile);
    const content = await mirror.read(commit, file);
    if (content !== null && isIt(parseApplication(file, content).application)) return expected;
  }
  for (const folder of folders) {
    const files = await mirror.files(commit, joinPath('', folder), { names: [applicationFile] });
    for (const [file, content] of files) if (isIt(parseApplication(file, content).application)) return folderOf(file);
  }
  return null;
}

function broken(code: string, file: string | null, message: string, remedy: string | null = null): ReadRelease {
  const problem = { code, severity: 'error', file, line: null, field: null, message, remedy } as const;
  return { prepared: null, problems: [problem], size: 0 };
}
