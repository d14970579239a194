import type { FastifyRequest } from 'fastify';
import { applicationNamedVisible, environmentVisible } from '../access/visibility.ts';
import { unknownApplication } from '../plans/find-candidates.ts';
import { environmentUnknown } from '../plans/members.ts';
import { type Api, visibilityOf } from './app.ts';

/**
 * Sees to it that a write reaches only where its caller does (T5): to a declared environment that they see.
 * @throws FairwayError `environment-not-found`, also where it is out of the caller's scope
 */
export async function requireEnvironment({ db }: Api, request: FastifyRequest, name: string): Promise<void> {
  const found = await db
    .selectFrom('declarations')
    .select('name')
    .where('kind', '=', 'Environment')
    .where('name', '=', name)
    .where(environmentVisible(visibilityOf(request), 'declarations.name'))
    .executeTakeFirst();
  if (found === undefined) throw environmentUnknown(name);
}

/**
 * The same, to applications that they see.
 * @param field of the request that names them
 * @throws FairwayError `application-not-found`, also where one is out of the caller's scope
 */
export async function requireApplications(
  { db }: Api,
  request: FastifyRequest,
  names: readonly string[],
  field: string,
): Promise<void> {
  const found = await db
    .selectFrom('applications')
    .select('name')
    .where('name', 'in', names)
    .where(applicationNamedVisible(visibilityOf(request), 'applications.name'))
    .execute();
  const seen = new Set(found.map(({ name }) => name));
  const missing = names.find((name) => !seen.has(name));
  if (missing !== undefined) throw unknownApplication(missing, field);
}
