import { ProviderError } from '../errors.ts'
import { isTrue } from './json-path-filter.ts'
import { parsePath, type Step } from './json-path-parser.ts'

/**
 * JSONPath over parsed JSON, in the dialect of the original: `$.a['b'][0]`, slices, unions, `*`, `..` and filters such
 * as `[?(@.n == "x")]`. A path that can mean several values answers a list; any other answers its value, and fails
 * where there is none. Throws ProviderError, which quotes the path and nothing of the document.
 */
export function valueAt(document: unknown, path: string): unknown {
  const steps = parsePath(path)
  let found: readonly unknown[] = [document]
  for (const step of steps) {
    found = found.flatMap((value) => taken(value, step))
    if (found.length > valuesMax) throw failed(path, 'it means too many values')
  }
  if (steps.some(isMany)) return found
  if (found.length === 0) throw failed(path, 'there is nothing at this path')
  return found[0]
}

const valuesMax = 100_000

function isMany(step: Step): boolean {
  return step.kind !== 'member' && step.kind !== 'index'
}

function taken(value: unknown, step: Step): readonly unknown[] {
  switch (step.kind) {
    case 'member':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'index':
      return Array.isArray(value) ? at(value, step.index) : []
    case 'all':
      return childrenOf(value)
    case 'descend':
      return withDescendants(value)
    case 'union':
      return step.steps.flatMap((one) => taken(value, one))
    case 'slice':
      return Array.isArray(value) ? sliced(value, step) : []
    case 'filter':
      return childrenOf(value).filter((child) => isTrue(step.condition, child))
  }
}

function at(list: readonly unknown[], index: number): readonly unknown[] {
  const place = index < 0 ? list.length + index : index
  return place >= 0 && place < list.length ? [list[place]] : []
}

function sliced(list: readonly unknown[], { from, to, by }: Extract<Step, { kind: 'slice' }>): readonly unknown[] {
  return list.slice(from, to).filter((_, index) => index % Math.max(1, by) === 0)
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  // The original's order is that of a Go map; ours is that of the names, so that an answer is the same twice.
  return isRecord(value)
    ? Object.entries(value)
        .sort(byName)
        .map(([, child]) => child)
    : []
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function withDescendants(value: unknown): readonly unknown[] {
  return [value, ...childrenOf(value).flatMap(withDescendants)]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function failed(path: string, text: string): ProviderError {
  return new ProviderError('invalid-ref', `failed to get response path ${path}: ${text}`)
}
