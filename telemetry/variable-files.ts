import { readFileSync } from 'node:fs';
import { FairwayError, messageOf } from '../core/errors.ts';

/**
 * Lets a file say what a variable would: `FAIRWAY_DATABASE_URL_FILE=/run/secrets/database-url`. So secrets need not
 * stand in an environment, which more people can read than a file (A11).
 * @param paths variables that end so and mean a file themselves, which is read later or not at all
 * @returns the environment with every `FAIRWAY_…_FILE` read, without the white space at its end
 * @throws FairwayError `config-invalid`, naming the variable
 */
export function readVariableFiles(environment: NodeJS.ProcessEnv, paths: readonly string[] = []): NodeJS.ProcessEnv {
  const read = { ...environment };
  for (const [name, path] of Object.entries(environment)) {
    const [, variable] = /^(FAIRWAY_[A-Z_]+)_FILE$/.exec(name) ?? [];
    if (variable === undefined || !path || paths.includes(name)) continue;
    if (environment[variable]) {
      throw new FairwayError('config-invalid', `${variable} and ${name} are both set`, {
        field: name,
        remedy: 'keep one of the two',
      });
    }
    read[variable] = contentOf(path, name);
  }
  return read;
}

function contentOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (cause) {
    throw new FairwayError('config-invalid', `${name}: ${messageOf(cause)}`, { field: name, cause });
  }
}
