/**
 * The part of PromQL that the alerts use, evaluated over two looks at the figures: selectors, `increase`, `sum`, `max`,
 * `+ - *`, `>` and `or`. Prometheus' own grammar reads the expressions; whatever else stands in them is an error here.
 * `increase` is the plain difference of the two looks, where Prometheus reckons with the time between them as well.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** One value with its labels; `__name__` is the figure's name. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface Looks {
  before: readonly Sample[];
  now: readonly Sample[];
}

/** Reads Prometheus' text format. @param instance the label that says which replica showed it */
export function samplesIn(text: string, instance: string): Sample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, name = '', inBraces = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!name) throw new Error(`no figure: ${line}`);
    const labels = [...inBraces.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', of = '']) => [key, of]);
    return {
      labels: { ...Object.fromEntries(labels), __name__: name, instance },
      value: Number(value.replace('Inf', 'Infinity')),
    };
  });
}

/** The samples that an expression leaves: an alert fires where there is one. */
export function evaluate(expression: string, looks: Looks): readonly Sample[] {
  const top = parser.parse(expression).topNode.firstChild;
  if (!top) throw new Error(`nothing to evaluate: ${expression}`);
  const value = valueAt(top, expression, looks);
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

type Value = number | readonly Sample[];

function valueAt(node: SyntaxNode, text: string, looks: Looks): Value {
  const said = text.slice(node.from, node.to);
  switch (node.name) {
    case 'NumberDurationLiteral':
      return Number(said);
    case 'ParenExpr':
    case 'FunctionCallBody':
      return valueAt(child(node, said), text, looks);
    case 'VectorSelector':
      return looks.now.filter(matcherOf(node, text));
    case 'AggregateExpr':
      return aggregated(node, text, looks);
    case 'FunctionCall':
      if (!said.startsWith('increase(')) throw new Error(`not known here: ${said}`);
      return increased(node, text, looks);
    case 'BinaryExpr':
      return combined(node, text, looks);
    default:
      throw new Error(`not known here: ${node.name} ${said}`);
  }
}

function child(node: SyntaxNode, said: string): SyntaxNode {
  const { firstChild } = node;
  if (!firstChild || firstChild.nextSibling) throw new Error(`not known here: ${said}`);
  return firstChild;
}

function aggregated(node: SyntaxNode, text: string, looks: Looks): Value {
  const [how, body, ...more] = childrenOf(node);
  if (!how || !body || more.length > 0) throw new Error(`not known here: ${text}`);
  const of = valueAt(body, text, looks);
  if (typeof of === 'number') throw new Error(`nothing to sum up: ${text}`);
  if (of.length === 0) return [];
  const values = of.map(({ value }) => value);
  const name = text.slice(how.from, how.to);
  if (name === 'max') return [{ labels: {}, value: Math.max(...values) }];
  if (name === 'sum') return [{ labels: {}, value: values.reduce((total, one) => total + one, 0) }];
  throw new Error(`not known here: ${name}`);
}

/** A counter that fell began anew at 0. One that was not there before has not risen: Prometheus sees one value of it. */
function increased(node: SyntaxNode, text: string, looks: Looks): Value {
  const range = node.getChild('FunctionCallBody')?.getChild('MatrixSelector');
  const selector = range?.getChild('VectorSelector');
  if (!selector) throw new Error(`not known here: ${text}`);
  return looks.now.filter(matcherOf(selector, text)).flatMap(({ labels, value }) => {
    const before = looks.before.find((one) => keyOf(one.labels) === keyOf(labels));
    if (!before) return [];
    const { __name__: _, ...others } = labels;
    return [{ labels: others, value: value < before.value ? value : value - before.value }];
  });
}

function combined(node: SyntaxNode, text: string, looks: Looks): Value {
  const [first, how, second, ...more] = childrenOf(node);
  if (!first || !how || !second || more.length > 0) throw new Error(`not known here: ${text}`);
  const [left, right] = [valueAt(first, text, looks), valueAt(second, text, looks)];
  if (how.name === 'Or') {
    const [mine, others] = [vector(left), vector(right)];
    return [...mine, ...others.filter((one) => !mine.some((own) => keyOf(own.labels) === keyOf(one.labels)))];
  }
  if (typeof left === 'number' && typeof right === 'number') return calculated(how.name, left, right) ?? [];
  const pairs: [Sample['labels'], number, number][] = pairsOf(left, right);
  return pairs.flatMap(([labels, one, other]) => {
    const value = calculated(how.name, one, other);
    return value === undefined ? [] : [{ labels, value }];
  });
}

function pairsOf(left: Value, right: Value): [Sample['labels'], number, number][] {
  if (typeof left === 'number') return vector(right).map(({ labels, value }) => [labels, left, value]);
  if (typeof right === 'number') return left.map(({ labels, value }) => [labels, value, right]);
  return left.flatMap(({ labels, value }) => {
    const other = right.find((one) => keyOf(one.labels) === keyOf(labels));
    return other ? [[labels, value, other.value]] : [];
  });
}

/** Undefined where a comparison leaves nothing. */
function calculated(how: string, left: number, right: number): number | undefined {
  switch (how) {
    case 'Add':
      return left + right;
    case 'Sub':
      return left - right;
    case 'Mul':
      return left * right;
    case 'Gtr':
      return left > right ? left : undefined;
    default:
      throw new Error(`not known here: ${how}`);
  }
}

function vector(value: Value): readonly Sample[] {
  if (typeof value === 'number') throw new Error('a number where figures are wanted');
  return value;
}

function matcherOf(node: SyntaxNode, text: string): (sample: Sample) => boolean {
  const named = node.getChild('Identifier');
  const name = named ? text.slice(named.from, named.to) : '';
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const tests = matchers.map((one) => {
    const [, label = '', how, of = ''] = /^(\w+)(=~?)"(.*)"$/.exec(text.slice(one.from, one.to)) ?? [];
    if (!label) throw new Error(`not known here: ${text}`);
    const form = how === '=' ? undefined : new RegExp(`^(?:${of})$`);
    return ({ labels }: Sample) => (form ? form.test(labels[label] ?? '') : labels[label] === of);
  });
  return (sample) => sample.labels.__name__ === name && tests.every((holds) => holds(sample));
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let one = node.firstChild; one; one = one.nextSibling) children.push(one);
  return children;
}

function keyOf(labels: Sample['labels']): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}
