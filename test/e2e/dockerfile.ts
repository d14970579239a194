import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** One instruction of a Dockerfile, its continued lines joined: `COPY`, `package.json ./`. */
interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** A Dockerfile of this project, read far enough to run by hand what it would run. */
export interface Dockerfile {
  readonly instructions: readonly Instruction[];
  /** Those of the stage that becomes the image. */
  readonly image: readonly Instruction[];
  /** What the image starts: ENTRYPOINT, then CMD. */
  readonly command: readonly string[];
  /** Variables that the image sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param name of a file in `deploy/docker` */
export function readDockerfile(name: string): Dockerfile {
  const text = readFileSync(resolve(root, 'deploy/docker', name), 'utf8');
  const instructions = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', rest = '']) => ({ name, rest }));
  const image = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  const exec = (wanted: string): string[] =>
    image.filter(({ name }) => name === wanted).flatMap(({ rest }) => JSON.parse(rest) as string[]);
  const env = image
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) => rest.split(/\s+/))
    .map((pair) => pair.split('=') as [string, string]);
  return { instructions, image, command: [...exec('ENTRYPOINT'), ...exec('CMD')], env: Object.fromEntries(env) };
}
