import { deriveSchema, type SchemaEdits } from '../../machinery/schema/derive.ts'
import { losslessConversion } from '../shared/conversion/lossless.ts'
import { externalSecretV1 } from './v1.ts'

const generatorKinds = [
  'ACRAccessToken',
  'ClusterGenerator',
  'ECRAuthorizationToken',
  'Fake',
  'GCRAccessToken',
  'GithubAccessToken',
  'QuayAccessToken',
  'Password',
  'SSHKey',
  'STSSessionToken',
  'UUID',
  'VaultDynamicSecret',
  'Webhook',
  'Grafana',
]

/** The defaults of v1beta1 mean what their absence means in v1, so that they need no conversion. */
const edits: SchemaEdits = {
  ...strategies('spec.data[].remoteRef'),
  'spec.data[].remoteRef.metadataPolicy': { default: 'None' },
  'spec.data[].sourceRef.generatorRef.kind': { enum: generatorKinds },
  ...strategies('spec.dataFrom[].extract'),
  'spec.dataFrom[].extract.metadataPolicy': { default: 'None' },
  ...strategies('spec.dataFrom[].find'),
  'spec.dataFrom[].rewrite[].merge': null,
  'spec.dataFrom[].sourceRef.generatorRef.kind': { enum: generatorKinds },
  'spec.syncWindows': null,
  'spec.target.creationPolicy': { enum: ['Owner', 'Orphan', 'Merge', 'None'] },
  'spec.target.manifest': null,
  'spec.target.template.engineVersion': { enum: ['v1', 'v2'] },
  'spec.target.template.metadata.finalizers': null,
  'spec.target.template.templateFrom[].target': { enum: ['Data', 'Annotations', 'Labels'] },
  'spec.target.template.templateFrom[].valuesDecodingStrategy': null,
  'status.conditions[].type': { enum: undefined },
}

/** All that v1beta1 ever said: the schema of 2.9, and engineVersion v1 of the releases before 0.16. */
export const externalSecretV1beta1 = deriveSchema(externalSecretV1, edits)

export const v1beta1Conversion = losslessConversion({
  schema: externalSecretV1beta1,
  storageSchema: externalSecretV1,
})

function strategies(path: string): SchemaEdits {
  return {
    [`${path}.conversionStrategy`]: { default: 'Default' },
    [`${path}.decodingStrategy`]: { default: 'None' },
    [`${path}.nullBytePolicy`]: null,
  }
}
