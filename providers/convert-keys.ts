import { ProviderError } from './errors.ts'

/** The key of a Secret that stands for `key`, by conversionStrategy (eso-behaviour.md 3.3). */
export function convertKey(key: string, strategy: string | undefined): string {
  // Go reads what is no character as U+FFFD.
  const text = key.replace(/\p{Cs}/gu, '\ufffd')
  if (strategy === undefined || strategy === '' || strategy === 'Default') return text.replace(foreignCharacter, '_')
  return strategy === 'Unicode' ? text.replace(foreignCharacter, escaped) : text
}

/** Names of found secrets as keys of a Secret, for providers that convert them by themselves as ESO's do (3.1). */
export function convertFoundKeys(
  found: ReadonlyMap<string, Uint8Array>,
  strategy: string | undefined,
): ReadonlyMap<string, Uint8Array> {
  const converted = new Map<string, Uint8Array>()
  for (const [name, value] of found) {
    const key = convertKey(name, strategy)
    if (converted.has(key)) throw new ProviderError('invalid-ref', `secret name collision during conversion: ${key}`)
    converted.set(key, value)
  }
  return converted
}

/** What a key of a Secret may not hold. */
export const foreignCharacter = /[^\p{L}\p{N}\-._]/gu

function escaped(character: string): string {
  return `_U${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}_`
}
