import { compareVersions, parseVersion, type Version } from './version.ts'

type Test = (version: Version) => boolean

const part = '(?:[0-9]+|[xX*])'
const versionPattern = `v?${part}(?:\\.${part})?(?:\\.${part})?(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`
const operators = '=<|=>|<=|>=|!=|~>|=|<|>|~|\\^'
const onePattern = new RegExp(`^\\s*(${operators})?\\s*(${versionPattern})\\s*$`)
const rangePattern = new RegExp(`\\s*(${versionPattern})\\s+-\\s+(${versionPattern})\\s*`, 'g')
const pieces = new RegExp(`(?:${operators})?\\s*${versionPattern}`, 'g')

/** `>=1.2 <2 || ^3.1`: alternatives of conditions that must all be met. Undefined if it does not parse. */
export function constraintOf(text: string): Test | undefined {
  if (text.length > 1024) return undefined
  const alternatives = text
    .replace(rangePattern, ' >=$1, <=$2 ')
    .split('||')
    .map((alternative) => allOf(alternative))
  if (alternatives.some((test) => test === undefined)) return undefined
  return (version) => alternatives.some((test) => test?.(version) === true)
}

function allOf(text: string): Test | undefined {
  const parts = text
    .split(',')
    .flatMap((piece) => (onePattern.test(piece) ? [piece] : (piece.match(pieces) ?? [piece])))
  const rest = text.replace(pieces, '').replaceAll(',', '').trim()
  const tests = parts.map(one)
  if (rest !== '' || tests.some((test) => test === undefined)) return undefined
  return (version) => tests.every((test) => test?.(version) === true)
}

interface Bound {
  readonly version: Version
  /** How many parts are given: of `1.2.x` two. */
  readonly parts: number
}

function one(text: string): Test | undefined {
  const [, operator = '', versionText = ''] = onePattern.exec(text) ?? []
  const bound = boundOf(versionText)
  const test = bound && comparison(operator, bound)
  if (!test) return undefined
  // A pre-release meets only constraints that speak of pre-releases.
  if (operator === '!=' && bound.parts === 3) return test
  return (version) => (version.prerelease === '' || bound.version.prerelease !== '') && test(version)
}

function boundOf(text: string): Bound | undefined {
  const [core = '', ...suffix] = text.replace(/^v/, '').split(/(?=[-+])/)
  const given = core.split('.')
  const wild = given.findIndex((one) => /^[xX*]$/.test(one))
  const known = wild < 0 ? given : given.slice(0, wild)
  const version = parseVersion([...known, '0', '0', '0'].slice(0, 3).join('.') + suffix.join(''))
  return version && { version, parts: known.length }
}

function comparison(operator: string, { version: bound, parts }: Bound): Test | undefined {
  const least = (version: Version): boolean => compareVersions(version, bound) >= 0
  const isWithin = (version: Version): boolean => matchesParts(version, bound, parts)
  switch (operator) {
    case '':
    case '=':
      return parts < 3 ? tilde({ version: bound, parts }) : (version) => compareVersions(version, bound) === 0
    case '!=':
      return parts < 3 ? (version) => !isWithin(version) : (version) => compareVersions(version, bound) !== 0
    case '>':
      return parts < 3
        ? (version) => least(version) && !isWithin(version)
        : (version) => compareVersions(version, bound) > 0
    case '>=':
    case '=>':
      return least
    case '<':
      return (version) => !least(version)
    case '<=':
    case '=<':
      return (version) => compareVersions(version, bound) <= 0 || (parts < 3 && isWithin(version))
    case '~':
    case '~>':
      return tilde({ version: bound, parts })
    case '^':
      return (version) => least(version) && isCompatible(version, bound, parts)
    default:
      return undefined
  }
}

/** The same minor version, or major where no minor is given. */
function tilde({ version: bound, parts }: Bound): Test {
  return (version) => compareVersions(version, bound) >= 0 && matchesParts(version, bound, Math.min(parts, 2))
}

function matchesParts(version: Version, bound: Version, parts: number): boolean {
  if (parts > 0 && version.major !== bound.major) return false
  if (parts > 1 && version.minor !== bound.minor) return false
  return parts < 3 || version.patch === bound.patch
}

/** The first part that is not zero stays. */
function isCompatible(version: Version, bound: Version, parts: number): boolean {
  if (parts === 0) return true
  if (bound.major > 0n || parts === 1) return version.major === bound.major
  if (version.major !== 0n) return false
  if (bound.minor > 0n || parts === 2) return version.minor === bound.minor
  return version.minor === 0n && version.patch === bound.patch
}
