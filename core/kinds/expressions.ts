import { Type } from 'typebox';

/** Expressions of the Common Expression Language in declarations, checked where they are written. */

const remedy = 'its one variable is object, the object itself: "object.spec.replicas > 1"';

/** One that is true or false. */
export const CelCondition = Type.String({
  format: 'cel-condition',
  expected: 'a CEL expression that is true or false',
  remedy,
});

/** One that gives a text. */
export const CelText = Type.String({ format: 'cel-text', expected: 'a CEL expression that gives a text', remedy });
