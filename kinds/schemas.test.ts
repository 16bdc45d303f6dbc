import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Schema } from '../machinery/schema/schema.ts'
import { kinds } from './catalog.gen.ts'

type Structures = Readonly<Record<string, Readonly<Record<string, Schema>>>>

const file = new URL('../../test/data/eso-structure.json', import.meta.url)
const { schemas } = JSON.parse(readFileSync(file, 'utf8')) as { schemas: Structures }

/** Which release each of our versions must accept and refuse like; of the others it must only know every field. */
const references = ['v1 of 2.9.0', 'v1beta1 of 2.9.0', 'v1alpha1 of 0.9.20', 'v1alpha1 of 2.9.0']

const sayable = 'v1 says it too, and what v1 says must not be lost when it is read in an older version'
const oldForm = 'said by v1beta1 of 0.9.20, which has to be accepted'

/** Providers that older versions of the original do not know. */
const newProviders = {
  v1beta1:
    'barbican beyondtrustworkloadcredentials crd dvls nebiusmysterybox ngrok onepasswordSDK openBao ovh volcengine',
  v1alpha1:
    'barbican beyondtrust beyondtrustworkloadcredentials bitwardensecretsmanager chef cloudrusm conjur crd delinea ' +
    'device42 doppler dvls fortanix github infisical keepersecurity nebiusmysterybox ngrok onboardbase onepassword ' +
    'onepasswordSDK openBao ovh passbolt previder pulumi scaleway secretserver senhasegura volcengine ' +
    'yandexcertificatemanager',
}

/** Every place where a schema of ours differs on purpose: by a prefix of `version path part`. */
const deviations: Readonly<Record<string, string>> = {
  'ExternalSecret v1beta1 spec.target.template.engineVersion enum': oldForm,
  'ExternalSecret v1alpha1 spec.secretStoreRef.kind enum': 'there never was another kind of store',
  'SecretStore v1 spec.provider.alibaba field': 'was in v1 of 0.16; refused with a clear text instead of as unknown',
  'SecretStore v1 spec.provider.device42 field': 'was in v1 of 0.16; refused with a clear text instead of as unknown',
  'SecretStore v1 spec.refreshInterval anyOf': 'the same as x-kubernetes-int-or-string alone',
  'SecretStore v1beta1 spec.provider.fake.data[].value required': oldForm,
  'SecretStore v1beta1 spec.provider.fake.data[].valueMap field': oldForm,
  'SecretStore v1beta1 spec.provider.fake.validationResult field': sayable,
  'SecretStore v1beta1 spec.provider.aws': sayable,
  'SecretStore v1beta1 spec.provider.vault': sayable,
  'SecretStore v1beta1 spec.provider.webhook.result required': sayable,
  ...Object.fromEntries(
    Object.entries(newProviders).flatMap(([version, names]) =>
      names.split(' ').map((name) => [`SecretStore ${version} spec.provider.${name} field`, sayable]),
    ),
  ),
  'SecretStore v1alpha1 spec.provider.fake.validationResult field': sayable,
  'SecretStore v1alpha1 spec.provider.aws': sayable,
  'SecretStore v1alpha1 spec.provider.kubernetes.auth required': sayable,
  'SecretStore v1alpha1 spec.provider.kubernetes.authRef field': sayable,
  'SecretStore v1alpha1 spec.provider.vault': sayable,
  'SecretStore v1alpha1 spec.provider.webhook': sayable,
}

const parts = [
  'type',
  'format',
  'nullable',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'anyOf',
  'oneOf',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const

const servedProviders = ['aws', 'fake', 'kubernetes', 'openBao', 'vault', 'webhook']

for (const kind of kinds) {
  const name = kind.names.kind
  const originals = schemas[name === 'ClusterSecretStore' ? 'SecretStore' : name] ?? {}
  for (const [version, { schema }] of Object.entries(kind.versions)) {
    t.test(`${name} ${version} accepts and refuses what the original does, but for what is listed`, (t) => {
      const found = Object.entries(originals)
        .filter(([release]) => release.startsWith(`${version} `))
        .flatMap(([release, original]) =>
          references.includes(release) ? differences(original, schema, '') : lostFields(original, schema, ''),
        )
      const prefix = name === 'ClusterSecretStore' ? 'SecretStore' : name
      const unlisted = found.filter((place) => !listed(`${prefix} ${version} ${place}`))
      t.same(unlisted, [])
      const stale = Object.keys(deviations).filter(
        (listing) =>
          listing.startsWith(`${prefix} ${version} `) &&
          !found.some((place) => `${prefix} ${version} ${place}`.startsWith(listing)),
      )
      t.same(stale, [], 'every listed deviation is one')
      t.end()
    })
  }
}

function listed(place: string): boolean {
  return Object.keys(deviations).some((prefix) => place.startsWith(prefix))
}

function differences(original: Schema, ours: Schema, path: string): string[] {
  if (isOpaqueProvider(path)) return []
  const own = parts
    .filter((part) => canonical(original[part]) !== canonical(ours[part]))
    .map((part) => `${path} ${part}`)
  const names = new Set([...Object.keys(original.properties ?? {}), ...Object.keys(ours.properties ?? {})])
  const fields = [...names].flatMap((name) => fieldDifferences(original, ours, { path, name }))
  return [
    ...own,
    ...fields,
    ...partDifferences(original.items, ours.items, `${path}[]`),
    ...partDifferences(original.additionalProperties, ours.additionalProperties, `${path}{}`),
  ]
}

function fieldDifferences(original: Schema, ours: Schema, at: { path: string; name: string }): string[] {
  const path = at.path === '' ? at.name : `${at.path}.${at.name}`
  const isRequired = (schema: Schema) => schema.required?.includes(at.name) === true
  return [
    ...(isRequired(original) === isRequired(ours) ? [] : [`${path} required`]),
    ...partDifferences(original.properties?.[at.name], ours.properties?.[at.name], path),
  ]
}

function partDifferences(original: Schema | undefined, ours: Schema | undefined, path: string): string[] {
  if (original === undefined && ours === undefined) return []
  return original === undefined || ours === undefined ? [`${path} field`] : differences(original, ours, path)
}

function lostFields(original: Schema, ours: Schema | undefined, path: string): string[] {
  if (ours === undefined) return [`${path} lost`]
  if (isOpaqueProvider(path)) return []
  const fields = Object.entries(original.properties ?? {}).flatMap(([name, schema]) =>
    lostFields(schema, ours.properties?.[name], `${path}.${name}`),
  )
  return [...fields, ...(original.items ? lostFields(original.items, ours.items, `${path}[]`) : [])]
}

function isOpaqueProvider(path: string): boolean {
  const [, name] = /^\.?spec\.provider\.([^.]+)$/.exec(path) ?? []
  return name !== undefined && !servedProviders.includes(name)
}

/** With sorted members, so that their order does not count. */
function canonical(value: unknown): string {
  const sorted = (_: string, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort())
      : part
  return JSON.stringify(value, sorted) ?? ''
}
