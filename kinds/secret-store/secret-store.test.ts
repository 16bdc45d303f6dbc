import t from 'tap'
import type { JsonObject, KubeObject } from '../../machinery/object.ts'
import { withDefaults } from '../../machinery/schema/default.ts'
import { validateSchema } from '../../machinery/schema/validate.ts'
import { providerSpecs } from '../../providers/catalog.gen.ts'
import { secretStoreV1 } from './v1.ts'
import { v1alpha1Conversion } from './v1alpha1.ts'
import { v1beta1Conversion } from './v1beta1.ts'
import { checkSecretStore } from './validate.ts'

const served = providerSpecs.map(({ name }) => name).join(', ')

const fake = { fake: { data: [{ key: 'k', value: 'v' }] } }

t.test('refusals name the field', async (t) => {
  const interval = 'must be a number of seconds or a duration such as 30s or 5m, and not negative'
  const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['a plain one', { provider: fake }, []],
    ...[300, 0, '300', '5m', '0'].map((refreshInterval) => accepted({ provider: fake, refreshInterval })),
    ...[-1, '-5m', 'soon', ''].map((refreshInterval): readonly [string, JsonObject, readonly string[]] => [
      `interval ${refreshInterval}`,
      { provider: fake, refreshInterval },
      [`spec.refreshInterval: Invalid value: ${JSON.stringify(refreshInterval)}: ${interval}`],
    ]),
    [
      'a regular expression that is none',
      { provider: fake, conditions: [{ namespaceRegexes: ['^team-', '('] }] },
      ['spec.conditions[0].namespaceRegexes[1]: Invalid value: "(": must be a regular expression in RE2 syntax'],
    ],
    [
      'an interval between retries that cannot be read',
      { provider: fake, retrySettings: { retryInterval: '1d' } },
      ['spec.retrySettings.retryInterval: Invalid value: "1d": must be a duration such as 10s or 1m'],
    ],
    [
      'a provider that comes later',
      { provider: { gcpsm: { projectID: 'x' } } },
      [`spec.provider.gcpsm: Forbidden: this provider is not served yet; served: ${served}`],
    ],
    [
      'no provider',
      { provider: {} },
      ['spec.provider: Invalid value: []: secret stores must only have exactly one backend specified, found 0'],
    ],
    [
      'a rule of the provider',
      { provider: { fake: { data: [{ key: '', value: 'v' }] } } },
      ['spec.provider.fake.data[0].key: Required value: must not be empty'],
    ],
  ]
  for (const [name, spec, expected] of cases) t.same(refusals(aStore({ spec })), expected, name)
  t.same(refusals(aStore({})), ['spec: Required value: a store needs a provider'], 'no spec at all')
})

t.test('the rules of the original that stand in the schema are its refusals', async (t) => {
  const problems = (customSessionTags: JsonObject) => {
    const spec = { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1', customSessionTags } } }
    return validateSchema(secretStoreV1, { spec }, '').map(({ field, message }) => `${field}: ${message}`)
  }
  t.same(problems({ team: 'a' }), [])
  const text = 'customSessionTags cannot contain automatically injected reserved keys'
  t.same(problems({ team: 'a', esoStoreName: 'b' }), [
    `spec.provider.aws.customSessionTags: Invalid value: ${text}: esoNamespace, esoStoreName, esoStoreKind`,
  ])
})

t.test('a selector may leave the namespace of a ClusterSecretStore only', async (t) => {
  const bearerToken = { name: 'token', key: 'token', namespace: 'elsewhere' }
  const spec = { provider: { kubernetes: { auth: { token: { bearerToken } } } } }
  t.match(refusals(aStore({ spec })), [
    /^spec\.provider\.kubernetes\.auth\.token\.bearerToken\.namespace: .*namespace should/,
  ])
  t.same(refusals(aStore({ kind: 'ClusterSecretStore', spec })), [])
})

t.test('a store of a provider that is not maintained warns', async (t) => {
  const { warnings } = checkSecretStore(aStore({ spec: { provider: fake } }))
  t.same(warnings, ["store local isn't currently maintained. Please plan and prepare accordingly."])
})

t.test('a map of an old fake store is read as JSON in v1 and as a map where it was sent', async (t) => {
  const spec = { provider: { fake: { data: [{ key: 'k', valueMap: { b: '2', a: '1' } }] } } }
  for (const conversion of [v1beta1Conversion, v1alpha1Conversion]) {
    const { object, hidden } = conversion.toStorage(aStore({ spec }), undefined)
    t.same(object['spec'], { provider: { fake: { data: [{ key: 'k', value: '{"a":"1","b":"2"}' }] } } })
    t.same(conversion.fromStorage(object, hidden).object['spec'], spec)
    const edited = {
      provider: {
        fake: {
          data: [
            { key: 'k', value: 'new' },
            { key: 'l', value: 'w' },
          ],
        },
      },
    }
    const shown = conversion.fromStorage(aStore({ spec: edited }), hidden).object
    t.match(shown['spec'], {
      provider: {
        fake: {
          data: [
            { key: 'k', value: 'new' },
            { key: 'l', value: 'w' },
          ],
        },
      },
    })
  }
})

t.test('an interval that v1beta1 cannot say comes back from it', async (t) => {
  const stored = aStore({ spec: { provider: fake, refreshInterval: '5m' } })
  const { object, foreign } = v1beta1Conversion.fromStorage(stored, undefined)
  t.same(object['spec'], { provider: fake })
  t.same(v1beta1Conversion.toStorage(object, foreign).object, stored)
})

function accepted(spec: JsonObject): readonly [string, JsonObject, readonly string[]] {
  return [`interval ${JSON.stringify(spec['refreshInterval'])}`, spec, []]
}

function aStore({ kind = 'SecretStore', spec }: { kind?: string; spec?: JsonObject }): KubeObject {
  const metadata = { name: 'local', ...(kind === 'SecretStore' && { namespace: 'shop' }) }
  return { apiVersion: 'external-secrets.io/v1', kind, metadata, ...(spec && { spec }) }
}

function refusals(store: KubeObject): readonly string[] {
  const { errors } = checkSecretStore(withDefaults(secretStoreV1, store))
  return errors.map(({ field, message }) => `${field}: ${message}`)
}
