/** A semantic version. */
export interface Version {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
}

const number = '(0|[1-9][0-9]{0,18})'
const loose = '([0-9]{1,19})'
const tail = '(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?'
const strictPattern = new RegExp(`^v?${number}(?:\\.${number})?(?:\\.${number})?${tail}$`)

/** With or without `v`, minor and patch. */
export function parseVersion(text: string): Version | undefined {
  const match = (text.length <= 256 && (strictPattern.exec(text) ?? loosePattern.exec(text))) || undefined
  if (!match) return undefined
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = match
  if (prerelease.split('.').some((part) => /^0[0-9]+$/.test(part))) return undefined
  return { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch), prerelease, metadata }
}

const loosePattern = new RegExp(`^v?${loose}(?:\\.${loose})?(?:\\.${loose})?${tail}$`)

export function versionText({ major, minor, patch, prerelease, metadata }: Version): string {
  const suffix = (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`)
  return `${major}.${minor}.${patch}${suffix}`
}

export function compareVersions(a: Version, b: Version): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  }
  if (a.prerelease === b.prerelease) return 0
  if (a.prerelease === '') return 1
  return b.prerelease === '' ? -1 : comparePrereleases(a.prerelease.split('.'), b.prerelease.split('.'))
}

/** Numbers below words, fewer parts below more. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x, y] = [a[index], b[index]]
    if (x === y) continue
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    const [isNumberX, isNumberY] = [/^[0-9]+$/.test(x), /^[0-9]+$/.test(y)]
    if (isNumberX && isNumberY) return BigInt(x) < BigInt(y) ? -1 : 1
    if (isNumberX !== isNumberY) return isNumberX ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}
