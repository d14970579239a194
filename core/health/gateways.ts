import {
  type Condition,
  conditionOf,
  conditionsIn,
  degraded,
  explained,
  type Fields,
  fields,
  type HealthCheck,
  type HealthReport,
  healthy,
  list,
  progressing,
  text,
} from './report.ts';

/** The Gateway API: each condition says of which generation it is, and a route has a set of them for each parent. */

/** Reasons that pass by themselves: nobody has looked yet, or the data plane is on its way. */
const passing = /^(Pending|NotReconciled|Unknown|Waiting|AddressNotAssigned)$/;

/** A GatewayClass: accepted by its controller. */
export const gatewayClassHealth: HealthCheck = ({ conditions, metadata }) =>
  firstOf(conditions, metadata.generation, ['Accepted'], 'its controller') ?? healthy('its controller has accepted it');

/** A Gateway: accepted and programmed, and each of its listeners without a conflict and with what it refers to. */
export const gatewayHealth: HealthCheck = ({ conditions, metadata: { generation }, status }) => {
  const whole = firstOf(conditions, generation, ['Accepted', 'Programmed'], 'its controller');
  const listeners = list(status.listeners).map((listener) => listenerHealth(listener, generation));
  const broken = [...listeners, whole].find((report) => report?.health === 'degraded');
  if (broken != null) return broken;
  return whole ?? listeners.find((report) => report !== null) ?? healthy('it is accepted and programmed');
};

/** A route of any protocol: accepted by each parent that it names, with everything that it refers to. */
export const routeHealth: HealthCheck = ({ spec, metadata: { generation }, status }) => {
  const parents = list(status.parents);
  const wanted = list(spec.parentRefs).length;
  const reports = parents.map((parent) => {
    const name = `gateway ${text(fields(parent.parentRef), 'name')}`;
    const own = conditionsIn(parent.conditions);
    const partly = conditionOf({ conditions: own }, 'PartiallyInvalid');
    if (partly?.status === 'True') return degraded(`${name} takes only a part of it${explained(partly)}`);
    return firstOf(own, generation, ['Accepted', 'ResolvedRefs'], name);
  });
  const broken = reports.find((report) => report?.health === 'degraded');
  if (broken != null) return broken;
  const taken = new Set(parents.map(({ parentRef }) => JSON.stringify(parentRef))).size;
  if (taken < wanted) return progressing(`${taken} of ${wanted} parents have looked at it`);
  return reports.find((report) => report !== null) ?? healthy('each of its parents has accepted it');
};

function listenerHealth(listener: Fields, generation: number | undefined): HealthReport | null {
  const name = `listener ${text(listener, 'name')}`;
  const conditions = conditionsIn(listener.conditions);
  const conflicted = conditionOf({ conditions }, 'Conflicted');
  if (conflicted?.status === 'True') return degraded(`${name} is in conflict${explained(conflicted)}`);
  const types = ['Accepted', 'ResolvedRefs', 'Programmed'].filter((type) => conditionOf({ conditions }, type));
  return firstOf(conditions, generation, types, name);
}

/** What the first condition that is not true says; null where all are. */
function firstOf(
  conditions: readonly Condition[],
  generation: number | undefined,
  types: readonly string[],
  who: string,
): HealthReport | null {
  for (const type of types) {
    const condition = conditionOf({ conditions }, type);
    if (condition === undefined) return progressing(`${who} has not said whether it is ${words[type] ?? type}`);
    if (condition.generation !== null && generation !== undefined && condition.generation < generation)
      return progressing(`${who} has seen generation ${condition.generation}, not yet ${generation}`);
    if (condition.status === 'True') continue;
    const isPassing = condition.status !== 'False' || passing.test(condition.reason);
    const sentence = `${who}: not ${words[type] ?? type}${explained(condition)}`;
    return isPassing ? progressing(sentence) : degraded(sentence);
  }
  return null;
}

const words: Readonly<Record<string, string>> = {
  Accepted: 'accepted',
  Programmed: 'programmed',
  ResolvedRefs: 'resolved in all that it refers to',
};
