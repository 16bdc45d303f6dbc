import type { Opaque } from '../values/value.ts'

const number = '(0|[1-9]\\d*)'
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const form = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+${identifiers})?$`)

/** A version of semver.org 2.0.0. */
export class Semver implements Opaque {
  readonly typeName = 'kubernetes.Semver'
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly prerelease: readonly string[]

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    this.numbers = numbers
    this.prerelease = prerelease
  }

  equals(other: Opaque): boolean {
    return other instanceof Semver && compareSemver(this, other) === 0
  }
}

export function parseSemver(text: string): Semver | undefined {
  const [, major, minor, patch, prerelease = ''] = (text.length <= 256 && form.exec(text)) || []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  const parts = prerelease === '' ? [] : prerelease.split('.')
  if (parts.some((part) => /^0\d+$/.test(part))) return undefined
  return new Semver([BigInt(major), BigInt(minor), BigInt(patch)], parts)
}

/** Without a leading `v`, and with the numbers that are missing or padded: `v01.1` is 1.1.0. */
export function normalizedSemver(text: string): string {
  const [core = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/)
  const numbers = core.split('.').map((number) => number.replace(/^0+(?=\d)/, ''))
  const isShort = numbers.length < 3 && rest.length === 0
  return [...numbers, ...(isShort ? ['0', '0'].slice(numbers.length - 1) : [])].join('.') + rest.join('')
}

export function compareSemver(left: Semver, right: Semver): number {
  for (const index of [0, 1, 2] as const) {
    const [a, b] = [left.numbers[index], right.numbers[index]]
    if (a !== b) return a < b ? -1 : 1
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return Math.sign(right.prerelease.length - left.prerelease.length)
  return comparePrereleases(left.prerelease, right.prerelease)
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  for (const [index, identifier] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(identifier, other)
    if (order !== 0) return order
  }
  return left.length < right.length ? -1 : 0
}

/** Numbers come before words. */
function compareIdentifiers(left: string, right: string): number {
  if (left === right) return 0
  const [isNumber, isOtherNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (isNumber && isOtherNumber) return BigInt(left) < BigInt(right) ? -1 : 1
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return left < right ? -1 : 1
}
