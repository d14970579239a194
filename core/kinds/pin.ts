import { type Static, Type } from 'typebox';
import { Name, Revision, Sentence } from './scalars.ts';

const Hold = Type.Object({ reason: Sentence, by: Sentence }, { additionalProperties: false });

/** Which release an environment is to run of an application (G1). */
export const PinSpec = Type.Object(
  {
    source: Name,
    revision: Revision,
    /** The promotion that moved it. */
    promotion: Type.Optional(Type.String({ minLength: 1, expected: 'a quoted number' })),
    /** Automation leaves the pin alone until this is lifted (P5). */
    hold: Type.Optional(Hold),
  },
  { additionalProperties: false },
);
export type PinSpec = Static<typeof PinSpec>;
