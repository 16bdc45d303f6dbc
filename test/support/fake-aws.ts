import type { IncomingMessage, RequestListener } from 'node:http'
import { canary, type RemoteValues } from '../../providers/conformance.ts'

export const accessKeyId = `AKIA${canary}`

export interface AwsCall {
  readonly target: string
  readonly body: Readonly<Record<string, unknown>>
  readonly accessKey: string
  readonly sessionToken: string | undefined
}

/** What aws answers whoever signs with the canary's key or with what AssumeRole gave out. */
export function fakeAws(values: RemoteValues, calls: AwsCall[] = [], denied: readonly string[] = []): RequestListener {
  return (request, answer) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const call = callOf(request, text)
      calls.push(call)
      const known = call.accessKey === accessKeyId || call.accessKey.startsWith('ASIA')
      const refusal = { __type: known ? 'AccessDeniedException' : 'UnrecognizedClientException', message: canary }
      if (call.target.startsWith('AssumeRole')) {
        const isKnown = known || call.target === 'AssumeRoleWithWebIdentity'
        return void assumeRole(call, answer, isKnown && !denied.includes(call.target))
      }
      const result = known && !denied.includes(call.target) ? answerOf(call, values) : refusal
      answer
        .writeHead('__type' in result ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(result))
    })
  }
}

function callOf(request: IncomingMessage, text: string): AwsCall {
  const body: Record<string, unknown> = text.startsWith('{')
    ? (JSON.parse(text) as Record<string, unknown>)
    : Object.fromEntries(new URLSearchParams(text))
  const target = String(request.headers['x-amz-target'] ?? `sts.${String(body.Action)}`).split('.')[1] ?? ''
  const [, accessKey = ''] = /Credential=([^/]*)/.exec(request.headers.authorization ?? '') ?? []
  return { target, body, accessKey, sessionToken: request.headers['x-amz-security-token']?.toString() }
}

function assumeRole({ target, body }: AwsCall, answer: Parameters<RequestListener>[1], allowed: boolean): void {
  const name = String(body.RoleArn).split('/')[1]
  const expiration = '2099-01-01T00:00:00Z'
  const inner = allowed
    ? `<${target}Response><${target}Result><Credentials>` +
      `<AccessKeyId>ASIA-${name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
      `<SessionToken>session-${name}</SessionToken><Expiration>${expiration}</Expiration>` +
      `</Credentials></${target}Result></${target}Response>`
    : `<ErrorResponse><Error><Code>AccessDenied</Code><Message>${canary}</Message></Error></ErrorResponse>`
  answer.writeHead(allowed ? 200 : 403, { 'content-type': 'text/xml' }).end(inner)
}

function answerOf({ target, body }: AwsCall, values: RemoteValues): object {
  const id = String(body.SecretId ?? body.Name)
  const entry = (name: string) => ({ Name: name, ARN: `arn:${name}`, SecretString: JSON.stringify(values[name]) })
  const missing = { __type: 'ResourceNotFoundException', message: canary }
  if (target === 'ListSecrets') return { SecretList: Object.keys(values).map((Name) => ({ Name })) }
  if (target === 'BatchGetSecretValue') {
    const ids = (body.SecretIdList as string[] | undefined) ?? Object.keys(values)
    const here = ids.filter((name) => name in values)
    const errors = ids
      .filter((name) => !(name in values))
      .map((SecretId) => ({ SecretId, ErrorCode: 'ResourceNotFoundException', Message: canary }))
    return { SecretValues: here.map(entry), Errors: errors }
  }
  if (target === 'GetParameters') {
    const names = body.Names as string[]
    const here = names.filter((name) => name in values)
    return {
      Parameters: here.map((Name) => ({ Name, ARN: `arn:${Name}`, Value: JSON.stringify(values[Name]) })),
      InvalidParameters: names.filter((name) => !(name in values)),
    }
  }
  if (!(id in values)) return missing
  if (target === 'GetParameter') return { Parameter: { Name: id, Value: JSON.stringify(values[id]), Version: 1 } }
  return target === 'DescribeSecret'
    ? {
        Name: id,
        Tags: [
          { Key: 'env', Value: 'prod' },
          { Key: 'team', Value: 'a<b' },
        ],
      }
    : entry(id)
}
