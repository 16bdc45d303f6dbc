// A package's files from the registry that npm is set up for, without installing it or its dependencies.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Unpacks `name@version` into a temporary folder and hands it to `use`; the folder is gone afterwards. */
export function withNpmPackage(specifier, use) {
  const folder = mkdtempSync(join(tmpdir(), 'npm-package-'))
  try {
    const tarball = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, specifier], {
      cwd: folder,
      encoding: 'utf8',
    })
    execFileSync('tar', ['-xzf', tarball.trim().split('\n').at(-1)], { cwd: folder })
    return use(join(folder, 'package'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
