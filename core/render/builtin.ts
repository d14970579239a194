import type { Problem } from '../errors.ts';
import type { Application } from '../kinds/parse.ts';
import { agentName, agentNamespace, agentUpgrade } from '../objects/agent-deployment.ts';
import { type Manifest, problemOf, readManifests } from './manifest.ts';

/** The template that comes with Fairway: the agent itself, so that it is upgraded as anything else is (L6). */
export const agentTemplate = 'fairway-agent';

const parameters = ['image', 'name', 'namespace'] as const;

/** True where an application is rendered from what comes with Fairway, and not from files of its own. */
export function isBuiltIn({ spec }: Application): boolean {
  return spec.render === 'template' && spec.template === agentTemplate;
}

/** The manifests of a built-in template, with the application's parameters, which may refer to variables. */
export function builtInManifests(application: Application): { manifests: Manifest[]; problems: Problem[] } {
  const { file, spec, lineOf } = application;
  const given = spec.parameters ?? {};
  const wrong = (parameter: string, message: string) => {
    const line = lineOf?.(['spec', 'parameters', parameter]) ?? null;
    const remedy = 'spec.parameters: {image: registry.example/fairway-agent:1.2.3}';
    return problemOf('parameter-invalid', file, line, `spec.parameters.${parameter}`, message, remedy);
  };
  const unknown = Object.keys(given).filter((name) => !parameters.some((known) => known === name));
  const problems = [
    ...unknown.map((name) => wrong(name, `the template ${agentTemplate} has no parameter ${name}`)),
    ...parameters
      .filter((name) => (name === 'image' || given[name] !== undefined) && !isFilledText(given[name]))
      .map((name) => wrong(name, `${name} is missing, or is no text`)),
  ];
  if (problems.length > 0) return { manifests: [], problems };
  const { image, name = agentName, namespace = agentNamespace } = given as Readonly<Record<string, string>>;
  const object = agentUpgrade({ image: String(image), name: String(name), namespace: String(namespace) });
  return readManifests(file, new TextEncoder().encode(JSON.stringify(object)));
}

function isFilledText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
