import { clientConfig } from '../../aws-identity/client-config.ts'
import { providerErrorOf } from '../../aws-identity/sdk-error.ts'
import { ProviderError } from '../../errors.ts'
import { textEntries, type PassingGenerator } from '../generator.ts'
import type { StsSessionTokenSpec } from '../schemas/clouds.ts'
import { awsCredentials } from './aws-credentials.ts'

/** Temporary credentials of the user whose keys are given. They end by themselves. */
export const stsSessionTokenGenerator: PassingGenerator<StsSessionTokenSpec> = {
  async generate(spec, context) {
    const { region, auth, requestParameters } = spec
    if (auth?.jwt !== undefined) {
      throw new ProviderError('invalid-ref', 'jwt auth cannot be used for STS Session Token generation')
    }
    const { STSClient, GetSessionTokenCommand } = await import('@aws-sdk/client-sts')
    using credentials = await awsCredentials(spec, context)
    const client = new STSClient({ ...clientConfig(region, 'sts', context.outbound), credentials })
    const command = new GetSessionTokenCommand(wishOf(requestParameters))
    const { signal } = context
    const answer = await client
      .send(command, { abortSignal: signal })
      .catch((error: unknown) => {
        throw providerErrorOf(error, purpose, signal)
      })
      .finally(() => client.destroy())
    return entriesOf(answer.Credentials ?? {})
  },
}

const purpose = 'unable to get authorization token'

function wishOf({
  sessionDuration,
  serialNumber,
  tokenCode,
}: NonNullable<StsSessionTokenSpec['requestParameters']> = {}) {
  return {
    ...(sessionDuration !== undefined && { DurationSeconds: sessionDuration }),
    ...(serialNumber !== undefined && { SerialNumber: serialNumber }),
    ...(tokenCode !== undefined && { TokenCode: tokenCode }),
  }
}

interface SessionCredentials {
  readonly AccessKeyId?: string | undefined
  readonly SecretAccessKey?: string | undefined
  readonly SessionToken?: string | undefined
  readonly Expiration?: Date | undefined
}

function entriesOf({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }: SessionCredentials) {
  if (AccessKeyId && SecretAccessKey && SessionToken && Expiration) {
    return textEntries({
      access_key_id: AccessKeyId,
      secret_access_key: SecretAccessKey,
      session_token: SessionToken,
      expiration: String(Math.floor(Expiration.getTime() / 1000)),
    })
  }
  throw new ProviderError('unavailable', `${purpose}: there are no credentials in the answer`)
}
