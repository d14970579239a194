import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { permissionsOf } from '../../../core/access.ts';
import { Identity, Me } from '../../../proto/rest/identity.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, principalOf } from '../app.ts';

const tags = ['identity'];

/** Which hub this is, and who the caller is. */
export const identity: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/identity',
    {
      config: { permission: 'public' },
      schema: { tags, summary: 'Show which hub this is; needs no token', security: [], response: answers(Identity) },
    },
    async () => {
      const [active, standby] = api.authority.fingerprints;
      return {
        product: 'fairway' as const,
        version: api.version,
        agentAddress: api.publicGrpc,
        agentImage: api.agentImage,
        signingKey: api.signer.publicKey,
        authorities: [
          { role: 'active', fingerprint: active },
          { role: 'standby', fingerprint: standby },
        ],
      };
    },
  );

  app.get(
    '/me',
    {
      config: { permission: 'authenticated' },
      schema: { tags, summary: 'Show who the caller is, and what they may do', response: answers(Me) },
    },
    async (request) => {
      const { actor, role, scope } = principalOf(request);
      return {
        actor,
        role,
        environments: [...scope.environments],
        tenants: [...scope.tenants],
        permissions: [...permissionsOf[role]],
      };
    },
  );
};
