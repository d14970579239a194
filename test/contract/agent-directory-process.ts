/** A process that holds an agent's directory until it is ended: `node agent-directory-process.ts FOLDER`. */
import { writeSync } from 'node:fs';
import { openAgentDirectory } from '../../agent/state/directory.ts';

const directory = await openAgentDirectory(process.argv[2] ?? '');
writeSync(1, 'held\n');
setInterval(() => directory, 60_000);
