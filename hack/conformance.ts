import { parseArgs } from 'node:util'
import { openStandaloneTarget } from '../test/conformance/standalone-target.ts'
import { statements } from '../test/conformance/catalog.ts'
import { playAll } from '../test/conformance/suite.ts'
import type { Target } from '../test/conformance/target.ts'
import { ApiClient } from '../test/support/api-client.ts'

/**
 * Holds a server to the numbered statements: `npm run conformance` a standalone server of this checkout,
 * `npm run conformance -- --kubeconfig FILE` any server that serves the two test kinds. `--only 16-50,138` chooses
 * statements, `--custom-resources` says that the test kinds are CRDs there. What takes a server a minute and a half is
 * waited for.
 */
const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '8' },
    'custom-resources': { type: 'boolean', default: false },
  },
})

const counts = { passed: 0, failed: 0, skipped: 0 }
await using target = await openTarget()
await playAll(target, {
  chosen: statements.filter(({ number }) => isChosen(number)),
  jobs: Number(values.jobs),
  report: ({ name, result, detail }) => {
    counts[result] += 1
    const tail = detail === undefined ? '' : `\n  ${detail.replaceAll('\n', '\n  ')}`
    process.stdout.write(`${result === 'failed' ? 'FAILED' : result} ${name}${tail}\n`)
  },
})
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1

async function openTarget(): Promise<Target & AsyncDisposable> {
  if (values.kubeconfig === undefined) return { ...(await openStandaloneTarget()), isPatient: true }
  const api = ApiClient.fromKubeconfig(values.kubeconfig)
  const answersAs = values['custom-resources'] ? 'custom-resources' : 'native'
  return { api, answersAs, isPatient: true, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

function isChosen(number: number): boolean {
  if (values.only === undefined) return true
  return values.only.split(',').some((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return number >= (first ?? 0) && number <= (last ?? 0)
  })
}
