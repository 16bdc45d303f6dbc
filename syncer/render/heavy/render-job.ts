import type { SyncErrorCode } from '../../errors.ts'
import type { ManifestContent } from '../../manifest/render-manifest.ts'
import type { Rewrite } from '../../rewrite/rewrite.ts'
import type { Content } from '../content.ts'
import type { Values } from '../engine.ts'
import type { Rendering } from '../render.ts'

/** What can be done beside the main thread, by name: what it needs and what it gives. */
export interface RenderTasks {
  readonly target: { readonly needs: RenderedInput; readonly gives: Content }
  readonly manifest: { readonly needs: RenderedInput; readonly gives: ManifestContent }
  readonly rewrite: { readonly needs: RewrittenInput; readonly gives: Values }
}

interface RenderedInput extends Pick<Rendering, 'externalSecret' | 'values' | 'documents'> {
  /** Each template is told of, and one that fails does not end the rest. */
  readonly isWitnessed: boolean
}

interface RewrittenInput {
  readonly values: Values
  readonly operations: readonly Rewrite[]
}

/** What crosses to the thread. */
export type RenderJob = { readonly nowMs: number; readonly budgetMs: number } & {
  readonly [T in keyof RenderTasks]: { readonly task: T; readonly input: RenderTasks[T]['needs'] }
}[keyof RenderTasks]

/** What a witness of the rendering is to be told, in order. */
export type RenderNote = { readonly field: string } & ({ readonly key: string } | { readonly failure: RenderFailure })

/** As a SyncError has it: our own words. */
export interface RenderFailure {
  readonly code: SyncErrorCode
  readonly message: string
}

/** What comes back. */
export type RenderAnswer<R> =
  | { readonly result: R; readonly notes: readonly RenderNote[] }
  | { readonly failure: RenderFailure }
