// The example manifests that External Secrets Operator publishes with its documentation, out of its Go module. A test
// applies them; none of them is kept here.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const examplesVersion = '1.3.2'

/** Throws where Go or the module proxy is missing. */
export function fetchExamples(folder) {
  const module = `github.com/external-secrets/external-secrets@v${examplesVersion}`
  const downloaded = execFileSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' })
  const source = join(JSON.parse(downloaded).Dir, 'docs/snippets')
  mkdirSync(folder)
  for (const file of readdirSync(source))
    if (file.endsWith('.yaml')) copyFileSync(join(source, file), join(folder, file))
}
