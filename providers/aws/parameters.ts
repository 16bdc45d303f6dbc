import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  type Parameter,
  type ParameterStringFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { incomplete, told } from './sdk-call.ts'

/** The calls of Parameter Store, with answers that are whole and errors that are ours. */
export class ParametersApi {
  readonly #client: SSMClient

  constructor(client: SSMClient) {
    this.#client = client
  }

  /** `name` may end in `:` and a version number or a label. */
  async value(name: string, signal: AbortSignal): Promise<Uint8Array> {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true })
    const what = `GetParameter ${name}`
    const answer = await told(what, signal, (options) => this.#client.send(command, options))
    if (answer.Parameter === undefined) throw incomplete(what)
    return valueOf(answer.Parameter)
  }

  /** At most ten, by name and by ARN. One that is not there is not in the answer. */
  async values(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const command = new GetParametersCommand({ Names: [...names], WithDecryption: true })
    const answer = await told('GetParameters', signal, (options) => this.#client.send(command, options))
    if (answer.Parameters === undefined) throw incomplete('GetParameters')
    const values = new Map<string, Uint8Array>()
    for (const parameter of answer.Parameters) {
      const { Name = '', ARN = '' } = parameter
      const value = valueOf(parameter)
      values.set(Name, value).set(ARN, value)
    }
    return values
  }

  async tags(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const command = new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: name })
    const what = `ListTagsForResource ${name}`
    const answer = await told(what, signal, (options) => this.#client.send(command, options))
    if (answer.TagList === undefined) throw incomplete(what)
    return new Map(answer.TagList.map(({ Key = '', Value = '' }) => [Key, Value]))
  }

  /** Everything below a path, however deep, with values. */
  async *below(path: string, signal: AbortSignal): AsyncGenerator<readonly [string, Uint8Array]> {
    let next: string | undefined
    do {
      const command = new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        WithDecryption: true,
        ...(next !== undefined && { NextToken: next }),
      })
      const what = `GetParametersByPath ${path}`
      const page = await told(what, signal, (options) => this.#client.send(command, options))
      if (page.Parameters === undefined) throw incomplete(what)
      for (const parameter of page.Parameters) yield [parameter.Name ?? '', valueOf(parameter)]
      next = page.NextToken
    } while (next !== undefined && next !== '')
  }

  async *names(filters: readonly ParameterStringFilter[], signal: AbortSignal): AsyncGenerator<string> {
    let next: string | undefined
    do {
      const command = new DescribeParametersCommand({
        ParameterFilters: [...filters],
        ...(next !== undefined && { NextToken: next }),
      })
      const page = await told('DescribeParameters', signal, (options) => this.#client.send(command, options))
      if (page.Parameters === undefined) throw incomplete('DescribeParameters')
      for (const { Name } of page.Parameters) if (Name !== undefined) yield Name
      next = page.NextToken
    } while (next !== undefined && next !== '')
  }

  /** Resolves the credentials, which assumes the roles. */
  async authenticate(signal: AbortSignal): Promise<void> {
    await told('credentials', signal, () => this.#client.config.credentials())
  }

  close(): void {
    this.#client.destroy()
  }
}

function valueOf({ Name, Value }: Parameter): Uint8Array {
  if (Value === undefined) throw incomplete(`the parameter ${Name ?? ''}`.trim())
  return Buffer.from(Value)
}
