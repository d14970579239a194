import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.ts';

const ATTEMPTS = 5;

/**
 * Runs `work` in a transaction (read committed), and again from its start where PostgreSQL ended it only because of
 * another one: a deadlock, or a serialization failure. So `work` touches nothing but the transaction.
 * @throws whatever `work` throws, and the database's error at the fifth such end
 */
export async function inTransaction<T>(
  db: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isCollision(error)) throw error;
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

/** `serialization_failure` and `deadlock_detected`. */
function isCollision(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');
}
