import type { Scene } from './scene.ts'
import type { Control } from './target.ts'

/**
 * One of the numbered statements about a Kubernetes API server. A number is stable and never given to another.
 * `play` rejects when the server does not do what the sentence says.
 */
export interface Statement {
  readonly number: number
  readonly sentence: string
  readonly play: (scene: Scene) => Promise<void>
  /** What the target must offer beside HTTP. */
  readonly needs?: keyof Control
  /** Disturbs others, or is disturbed by them: played by itself. */
  readonly alone?: true
  /** Why custom resources on a kube-apiserver cannot be held to it. */
  readonly notForCustomResources?: string
  /** Why nobody can be held to it yet. */
  readonly notYet?: string
}
