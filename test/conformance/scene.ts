import { randomUUID } from 'node:crypto'
import { WatchStream } from '../support/watch-stream.ts'
import type { ApiAnswer, ApiClient } from '../support/api-client.ts'
import type { Control, Target } from './target.ts'

export interface WidgetParts {
  readonly metadata?: object
  readonly spec?: object
  readonly status?: object
}

/**
 * Where one statement is played: a namespace of its own, and names that nobody else uses. Statements are played side by
 * side, so what they do lies in their own namespace or bears `prefix`. Its methods may be taken apart from it.
 */
export class Scene implements AsyncDisposable {
  readonly api: ApiClient
  readonly target: Target
  readonly namespace: string
  readonly #streams: WatchStream[] = []

  private constructor(target: Target, namespace: string) {
    this.target = target
    this.api = target.api
    this.namespace = namespace
  }

  static async open(target: Target, number: number): Promise<Scene> {
    const scene = new Scene(target, `c${number}-${randomUUID().slice(0, 8)}`)
    await scene.addNamespace(scene.namespace)
    return scene
  }

  /** For names of what lies in no namespace. */
  get prefix(): string {
    return this.namespace
  }

  /** The collection of widgets in the scene's namespace. */
  get widgets(): string {
    return `/apis/example.com/v1/namespaces/${this.namespace}/widgets`
  }

  get clusterWidgets(): string {
    return '/apis/example.com/v1/clusterwidgets'
  }

  get isNative(): boolean {
    return this.target.answersAs === 'native'
  }

  readonly control = <N extends keyof Control>(name: N): NonNullable<Control[N]> => {
    const control = this.target.control?.[name]
    if (control === undefined) throw new Error(`the target offers no ${name}: the statement must say that it needs it`)
    return control
  }

  readonly addNamespace = async (name: string): Promise<void> => {
    const answer = await (this.target.namespaces ?? this.api).post('/api/v1/namespaces', { metadata: { name } })
    if (answer.status !== 201) throw new Error(`no namespace: ${answer.status} ${answer.text}`)
  }

  readonly widget = (name: string, { metadata, ...parts }: WidgetParts = {}): object => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, ...metadata },
    ...parts,
  })

  /** Creates a widget that must be taken. */
  readonly create = async (name: string, parts: WidgetParts = {}): Promise<ApiAnswer> => {
    const answer = await this.api.post(this.widgets, this.widget(name, parts))
    if (answer.status !== 201) throw new Error(`no widget ${name}: ${answer.status} ${answer.text}`)
    return answer
  }

  /** A watch of this path and query; it ends with the scene. */
  readonly watch = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<WatchStream> => {
    const stream = await WatchStream.open(this.api, path, headers)
    this.#streams.push(stream)
    return stream
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.close()
    if (this.target.isThrownAway) return
    await this.api.call('DELETE', `/api/v1/namespaces/${this.namespace}`)
  }
}
