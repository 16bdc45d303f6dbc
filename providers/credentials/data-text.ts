import type { KubeObject } from '../../machinery/object.ts'

/** The text under a key of a Secret or ConfigMap; `undefined` when it is not there. */
export function dataText(object: KubeObject, kind: 'Secret' | 'ConfigMap', key: string): string | undefined {
  const text = memberOf(object.data, key)
  return kind === 'ConfigMap' ? (text ?? decoded(memberOf(object.binaryData, key))) : decoded(text)
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString()
}

function memberOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Object.entries(value).find(([name]) => name === key)?.[1]
  return typeof found === 'string' ? found : undefined
}
