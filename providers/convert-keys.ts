import { ProviderError } from './errors.ts'

/**
 * Names of found secrets as keys of a Secret, for providers that convert them by themselves as ESO's do
 * (eso-behaviour.md 3.1, 3.3).
 */
export function convertFoundKeys(
  found: ReadonlyMap<string, Uint8Array>,
  strategy: string | undefined,
): ReadonlyMap<string, Uint8Array> {
  const converted = new Map<string, Uint8Array>()
  for (const [name, value] of found) {
    const key = name.replace(/[^\p{L}\p{N}._-]/gu, (character) => replacement(character, strategy))
    if (converted.has(key)) throw new ProviderError('invalid-ref', `secret name collision during conversion: ${key}`)
    converted.set(key, value)
  }
  return converted
}

function replacement(character: string, strategy: string | undefined): string {
  if (strategy === undefined || strategy === '' || strategy === 'Default') return '_'
  if (strategy !== 'Unicode') return character
  return `_U${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}_`
}
