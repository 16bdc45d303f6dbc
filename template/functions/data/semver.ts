import { int, Integer, Structure, type Value } from '../../value.ts'
import { FunctionFailure, type FunctionTable, takes } from '../definition.ts'
import { compareVersions, parseVersion, type Version, versionText } from './version.ts'
import { constraintOf } from './version-constraint.ts'

export const semverFunctions: FunctionTable = {
  semver: takes(['string'], ([text]) => versionValue(versionOf(text), text)),
  semverCompare: takes(['string', 'string'], ([constraint, text]) => {
    const isMet = constraintOf(constraint)
    if (!isMet) throw new FunctionFailure('the constraint does not parse')
    return isMet(versionOf(text))
  }),
}

function versionOf(text: string): Version {
  const version = parseVersion(text)
  if (!version) throw new FunctionFailure('the text is not a semantic version')
  return version
}

/** A version with the methods of the library that Sprig uses. */
function versionValue(version: Version, original: string): Structure {
  const { major, minor, patch, prerelease, metadata } = version
  const next = (changed: Partial<Version>) => (): Value => {
    const plain = { ...version, prerelease: '', metadata: '', ...changed }
    return versionValue(plain, (original.startsWith('v') ? 'v' : '') + versionText(plain))
  }
  return new Structure('*semver.Version', {
    text: versionText(version),
    methods: {
      Major: () => new Integer(major, 'uint64'),
      Minor: () => new Integer(minor, 'uint64'),
      Patch: () => new Integer(patch, 'uint64'),
      Prerelease: () => prerelease,
      Metadata: () => metadata,
      Original: () => original,
      String: () => versionText(version),
      IncMajor: next({ major: major + 1n, minor: 0n, patch: 0n }),
      IncMinor: next({ minor: minor + 1n, patch: 0n }),
      IncPatch: next({ patch: prerelease === '' ? patch + 1n : patch }),
      Compare: (args) => int(compareVersions(version, otherVersion(args))),
      Equal: (args) => compareVersions(version, otherVersion(args)) === 0,
      LessThan: (args) => compareVersions(version, otherVersion(args)) < 0,
      GreaterThan: (args) => compareVersions(version, otherVersion(args)) > 0,
    },
  })
}

function otherVersion([other]: readonly Value[]): Version {
  if (!(other instanceof Structure) || other.text === undefined) throw new FunctionFailure('it takes one version')
  return versionOf(other.text)
}
