import { object, oneOf, required } from '../../../machinery/schema/builder.ts'
import { generatorSchemas, specMember, type GeneratorKind } from '../../../providers/generators/specs.ts'

const generatorKinds = Object.keys(generatorSchemas) as GeneratorKind[]

const specs = Object.fromEntries(generatorKinds.map((kind) => [specMember(kind), generatorSchemas[kind]]))

/** OpenAPI shows this order. */
const inOrderOfTheOriginal: readonly GeneratorKind[] = [
  'ACRAccessToken',
  'BeyondtrustWorkloadCredentialsDynamicSecret',
  'CloudsmithAccessToken',
  'ECRAuthorizationToken',
  'Fake',
  'GCRAccessToken',
  'GithubAccessToken',
  'GitlabDeployToken',
  'QuayAccessToken',
  'Password',
  'SSHKey',
  'STSSessionToken',
  'UUID',
  'VaultDynamicSecret',
  'Webhook',
  'Grafana',
  'MFA',
]

const spec = object('One generator that every namespace may use, with credentials of its own.', {
  kind: required(oneOf('The kind of the generator.', inOrderOfTheOriginal)),
  generator: required(object('Its spec, under the name of its kind.', specs, { minProperties: 1, maxProperties: 1 })),
})

export const clusterGeneratorV1alpha1 = object('A generator for every namespace.', { spec })
