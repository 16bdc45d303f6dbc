import type { Secret } from '../../kinds/core/secret/v1.ts'

/** The data of a Secret as bytes. */
export function dataOf({ data = {} }: Pick<Secret, 'data'>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64')]))
}

export function encodedData(data: ReadonlyMap<string, Uint8Array>): Readonly<Record<string, string>> {
  return Object.fromEntries([...data].map(([key, value]) => [key, base64(value)]))
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}
