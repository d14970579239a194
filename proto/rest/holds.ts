import { type Static, Type } from 'typebox';
import { Name, Nullable } from './common.ts';
import { PageQuery } from './page.ts';

/** A pin that automation leaves alone (P5): it stands in Git, in the pin itself. */
export const Hold = Type.Object(
  {
    environment: Type.String(),
    application: Type.String(),
    release: Nullable(Type.String({ description: 'what the pin names; null: that is no release yet' })),
    revision: Type.String(),
    reason: Type.String(),
    by: Type.String(),
    commit: Type.String({ description: 'of the pins’ branch, where the hub read it' }),
  },
  { title: 'Hold' },
);
export type Hold = Static<typeof Hold>;

export const HoldQuery = Type.Object(
  { ...PageQuery.properties, environment: Type.Optional(Name), application: Type.Optional(Name) },
  { additionalProperties: false },
);
export type HoldQuery = Static<typeof HoldQuery>;

export const HoldRequest = Type.Object(
  { environment: Name, application: Name, reason: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: false },
);

/** What setting or lifting a hold did: `holds` shows it as soon as the hub has read it back. */
export const HoldChange = Type.Object(
  {
    environment: Type.String(),
    application: Type.String(),
    commit: Nullable(Type.String({ description: 'on the pins’ branch; null: Git said so already' })),
  },
  { title: 'HoldChange' },
);
export type HoldChange = Static<typeof HoldChange>;

/** Why it is lifted, for the commit and the ledger. */
export const HoldLift = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { additionalProperties: false },
);

export const HoldParameters = Type.Object({ environment: Name, application: Name });
