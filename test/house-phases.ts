/** Finds phases of requests that no step made, in the sources of verbs and cards. */
import { parseSync } from '@swc/core';
import { isNode, literal, type Node, nameIn } from './house.js';

/**
 * A sentence for each fault in how a file below src handles the phases of requests: only the steps below
 * `access/request/transitions` make one. Says so of literals of a phase, and of a `change(…)` to something else than a
 * step's result.
 * @param states the states of a request
 */
export function phaseProblemsIn(path: string, source: string, states: ReadonlySet<string>): string[] {
  const tree = parseSync(source, { syntax: 'typescript', target: 'es2022' });
  const problems: string[] = [];
  const steps = new Set<string>();
  const changers = new Set<string>();
  const made = new Set<string>();
  const isStep = (node: unknown) =>
    isNode(node) && node.type === 'CallExpression' && isNode(node.callee) && steps.has(nameIn(node.callee));
  each(tree, (node) => {
    const from = node.type === 'ImportDeclaration' ? literal(node.source) : '';
    if (/\/request\/transitions\/\w+\.js$/.test(from))
      for (const { local } of importsIn(node)) steps.add(local);
    if (from.endsWith('/change.js'))
      for (const { local, imported } of importsIn(node)) if (imported === 'change') changers.add(local);
    if (node.type === 'VariableDeclarator' && isNode(node.id) && isStep(node.init)) made.add(nameIn(node.id));
  });
  each(tree, (node) => {
    const state = node.type === 'ObjectExpression' ? stateIn(node) : undefined;
    if (state !== undefined && states.has(state)) problems.push(`${path} writes a phase: ${state}`);
    if (node.type !== 'CallExpression' || !isNode(node.callee) || !changers.has(nameIn(node.callee))) return;
    const phase = Array.isArray(node.arguments) ? node.arguments[2]?.expression : undefined;
    if (!isStep(phase) && !(isNode(phase) && made.has(nameIn(phase))))
      problems.push(`${path} changes a request to a phase that no step made`);
  });
  return problems;
}

/** Calls `look` for every node outside of the `stage` of a rule. */
function each(node: unknown, look: (node: Node) => void): void {
  if (Array.isArray(node)) for (const child of node) each(child, look);
  if (!isNode(node)) {
    // An argument of a call is wrapped in an object without a type.
    if (typeof node === 'object' && node !== null && 'expression' in node) each(node.expression, look);
    return;
  }
  if (node.type === 'KeyValueProperty' && isNode(node.key) && nameIn(node.key) === 'stage') return;
  look(node);
  for (const child of Object.values(node)) each(child, look);
}

/** The names that a file gives to its imports, each with the exported name. */
function importsIn({ specifiers }: Node): { local: string; imported: string }[] {
  if (!Array.isArray(specifiers)) return [];
  return specifiers.map(({ local, imported }) => ({
    local: nameIn(local),
    imported: nameIn(imported ?? local),
  }));
}

/** The `state` of an object literal, where that is a literal too. */
function stateIn({ properties }: Node): string | undefined {
  for (const one of Array.isArray(properties) ? properties : []) {
    if (one.type !== 'KeyValueProperty' || nameIn(one.key) !== 'state') continue;
    let { value } = one;
    while (isNode(value) && isNode(value.expression)) value = value.expression;
    if (isNode(value) && value.type === 'StringLiteral') return String(value.value);
  }
  return undefined;
}
