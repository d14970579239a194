/**
 * A hub's store in a process of its own, to be killed: opens the data directory given, writes a row and says so.
 * Usage: node hub-process.ts DIRECTORY ROW
 */
import { pino } from 'pino';
import { openDataDirectory } from '../../hub/store/data-directory.ts';
import { openDatabase } from '../../hub/store/database.ts';
import { startEmbeddedPostgres } from '../../hub/store/embedded-postgres.ts';

const [path = '', row = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const directory = await openDataDirectory(path);
const postgres = await startEmbeddedPostgres(directory.path, log);
const { db } = await openDatabase({ address: postgres.connection, log });
await db
  .insertInto('settings')
  .values({ name: row, value: JSON.stringify(true) })
  .execute();
process.stdout.write(`${JSON.stringify({ ready: true, postgres: postgres.pid })}\n`);
setInterval(() => undefined, 1000);
