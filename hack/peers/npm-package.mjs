// A package's files from the registry that npm is set up for, without installing it or its dependencies.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Unpacks `name@version` into a temporary folder and hands it to `use`; the folder is gone afterwards. */
export function withNpmPackage(specifier, use) {
  return inTemporaryFolder((folder) => {
    const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, specifier], {
      cwd: folder,
      encoding: 'utf8',
    })
    return withTarball(readFileSync(join(folder, tarball.trim().split('\n').at(-1))), use)
  })
}

/** The same for the bytes of a package's archive. */
export function withTarball(bytes, use) {
  return inTemporaryFolder((folder) => {
    execFileSync('tar', ['-xzf', '-'], { cwd: folder, input: bytes })
    return use(join(folder, 'package'))
  })
}

export function inTemporaryFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'package-'))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
