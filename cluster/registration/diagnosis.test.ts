import t from 'tap'
import { silentLogger } from '../../base/log.ts'
import type { CallOptions, ResourceClient } from '../../machinery/client.ts'
import { onAbort } from '../../base/waiting/on-abort.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { until } from '../../test/support/until.ts'
import { type ApiService, apiServicesOf } from './api-service.ts'
import { diagnose } from './diagnosis.ts'
import { Registrar } from './registrar.ts'

const service = { namespace: 'here', name: 'server', port: 443 }
const groups = [{ name: 'example.com', versions: ['v1'] }]

function registered(reason: string, message = ''): ApiService {
  const [found] = apiServicesOf({ groups, service, authorityPem: 'ours' })
  if (found === undefined) throw new Error('nothing is served')
  const status = reason === 'Passed' ? 'True' : 'False'
  return { ...found, status: { conditions: [{ type: 'Available', status, reason, message }] } }
}

const said: readonly (readonly [string, string, RegExp])[] = [
  ['ServiceNotFound', '', /the Service here\/server is not there/],
  ['ServicePortError', '', /no such port/],
  ['MissingEndpoints', '', /no pod .* is ready/],
  ['FailedDiscoveryCheck', 'Get "https://1": x509: signed by unknown authority', /certificate does not match/],
  ['FailedDiscoveryCheck', 'Get "https://1": dial tcp: connection refused', /cannot reach/],
  ['FailedDiscoveryCheck', 'Get "https://1": context deadline exceeded', /cannot reach/],
  ['FailedDiscoveryCheck', 'bad status from https://1: 403', /refuses kube-apiserver itself/],
  ['FailedDiscoveryCheck', 'bad status from https://1: 503', /cannot serve yet/],
  ['FailedDiscoveryCheck', 'something new', /and that failed/],
  ['', '', /has not said yet/],
]

t.test('each reason of kube-aggregator is told in plain words, none of them its own', async (t) => {
  for (const [reason, message, problem] of said) {
    const found = diagnose({ found: registered(reason, message), service })
    t.match(found?.problem, problem, `${reason} ${message}`)
    t.notMatch(found?.problem, 'https://1')
  }
})

t.test('what is available is well, unless its authority is not ours', async (t) => {
  const found = registered('Passed')
  t.equal(diagnose({ found, service, authorityPem: 'ours' }), undefined)
  t.equal(diagnose({ found, service }), undefined)
  const caBundle = Buffer.from('ours\nthe next\n').toString('base64')
  t.equal(
    diagnose({ found: { ...found, spec: { ...found.spec, caBundle } }, service, authorityPem: 'ours' }),
    undefined,
  )
  t.match(diagnose({ found, service, authorityPem: 'new' }), { problem: /caBundle/ })
  t.match(diagnose({ found: undefined, service }), { problem: 'it is not registered' })
  const labels = { 'kube-aggregator.kubernetes.io/automanaged': 'true' }
  t.match(diagnose({ found: { ...found, metadata: { ...found.metadata, labels } }, service }), {
    problem: /CustomResourceDefinition/,
  })
  const elsewhere = { ...found, metadata: { name: 'x' }, spec: { service: { namespace: 'there', name: 'other' } } }
  t.match(diagnose({ found: elsewhere, service }), { problem: 'it leads to the Service there/other' })
})

t.test('a registrar that nobody answers ends when it is told to, and has nothing to tell', async (t) => {
  let asked = 0
  const unanswered = (_: unknown, { signal }: CallOptions = {}): Promise<never> => {
    asked += 1
    return new Promise((_resolve, reject) => signal && onAbort(signal, () => reject(new Error('ended'))))
  }
  const apiServices: ResourceClient<ApiService> = {
    get: unanswered,
    list: unanswered,
    watch: async function* () {},
    create: unanswered,
    update: unanswered,
    updateStatus: unanswered,
    delete: unanswered,
  }
  const log = { ...silentLogger, error: (words: string) => void t.fail(words) }
  const wanted = () => ({ groups, service, authorityPem: 'ours' })
  const registrar = new Registrar({
    apiServices,
    apply: unanswered,
    wanted,
    clock: new ManualClock(),
    log,
    periodMs: 30_000,
  })
  const end = new AbortController()
  const running = registrar.run(end.signal)
  await until(async () => asked > 0)
  end.abort()
  await running
})
