import { ProviderError } from '../errors.ts'
import type { ConnectContext, Provider, SecretsClient } from '../provider.ts'
import { clientConfig } from '../aws-identity/client-config.ts'
import { credentialsOf } from '../aws-identity/credentials.ts'
import { awsSessionName as sessionName } from '../aws-identity/login.ts'
import { rolesOf } from './roles.ts'
import { awsSpec, type AwsSpec } from './spec.ts'

/** Of the SDK's clients only that of the service asked for is loaded. */
export const aws: Provider<AwsSpec> = {
  spec: awsSpec,
  capabilities: ['read', 'find'],
  async connect(spec, context) {
    switch (spec.service) {
      case 'SecretsManager':
        return secretsManager(spec, context)
      case 'ParameterStore':
        return parameterStore(spec, context)
      case 'CertificateManager':
        throw new ProviderError('unsupported', `${spec.service} is not served yet`)
    }
  },
}

async function secretsManager(spec: AwsSpec, context: ConnectContext): Promise<SecretsClient> {
  const [{ SecretsManagerClient }, { SecretsApi }, { SecretsManagerReader }] = await Promise.all([
    import('@aws-sdk/client-secrets-manager'),
    import('./secrets.ts'),
    import('./secrets-manager.ts'),
  ])
  const credentials = await loggedIn(spec, context)
  const config = clientConfig(spec.region, 'secretsmanager', context.outbound)
  const api = new SecretsApi(new SecretsManagerClient({ ...config, credentials }))
  return new SecretsManagerReader(api, spec.prefix ?? '', credentials)
}

async function parameterStore(spec: AwsSpec, context: ConnectContext): Promise<SecretsClient> {
  const [{ SSMClient }, { ParametersApi }, { ParameterStoreReader }] = await Promise.all([
    import('@aws-sdk/client-ssm'),
    import('./parameters.ts'),
    import('./parameter-store.ts'),
  ])
  const credentials = await loggedIn(spec, context)
  const config = clientConfig(spec.region, 'ssm', context.outbound)
  const api = new ParametersApi(new SSMClient({ ...config, credentials }))
  return new ParameterStoreReader(api, spec.prefix ?? '', credentials)
}

function loggedIn(spec: AwsSpec, context: ConnectContext) {
  const { region, auth } = spec
  return credentialsOf({ region, auth, sessionName, roles: rolesOf(spec, context) }, context)
}
