import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';

/** Which hub this is: how a client knows that it talks to one at all, and how an agent knows that it is the right one. */
export const Identity = Type.Object(
  {
    product: Type.Literal('fairway'),
    version: Type.String(),
    agentAddress: Type.String({ description: 'host:port that agents dial' }),
    agentImage: Nullable(Type.String()),
    signingKey: Type.String({ description: 'public part of the SSH key that signs pins' }),
    authorities: Type.Array(Type.Object({ role: Type.String(), fingerprint: Type.String() })),
  },
  { title: 'Identity' },
);
export type Identity = Static<typeof Identity>;

/** Who the caller is, and what they may do. */
export const Me = Type.Object(
  {
    actor: Type.String(),
    role: Type.String(),
    environments: Type.Array(Type.String()),
    tenants: Type.Array(Type.String()),
    permissions: Type.Array(Type.String()),
  },
  { title: 'Me' },
);
export type Me = Static<typeof Me>;
