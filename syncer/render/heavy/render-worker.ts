import { randomBytes } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { systemClock } from '../../../base/clock.ts'
import { SyncError } from '../../errors.ts'
import { renderManifest } from '../../manifest/render-manifest.ts'
import { rewriteValues } from '../../rewrite/rewrite.ts'
import type { Engine, Values } from '../engine.ts'
import { ParsedTemplates } from '../parsed-templates.ts'
import { renderTarget } from '../render.ts'
import type { RenderAnswer, RenderJob, RenderNote } from './render-job.ts'

/** The thread's own program: it does one job after the other, and keeps nothing of them but parsed templates. */
parentPort?.on('message', (job: RenderJob) => parentPort?.postMessage(answerOf(job)))

const templates = new ParsedTemplates()

/** What is no SyncError ends the thread, and is told by whoever began it. */
function answerOf(job: RenderJob): RenderAnswer<unknown> {
  const { nowMs, budgetMs } = job
  const clock = { now: () => nowMs, monotonic: () => systemClock.monotonic() }
  const notes: RenderNote[] = []
  try {
    const result = resultOf(job, { clock, random: randomBytes, templates, limits: { durationMsMax: budgetMs } }, notes)
    return { result, notes }
  } catch (error) {
    if (error instanceof SyncError) return { failure: { code: error.code, message: error.message } }
    throw error
  }
}

function resultOf(job: RenderJob, engine: Engine, notes: RenderNote[]): unknown {
  if (job.task === 'rewrite') return copied(rewriteValues(job.input.values, job.input.operations, engine))
  const { isWitnessed, ...input } = job.input
  const witness = {
    gave: (field: string, key: string) => void notes.push({ field, key }),
    failed: (field: string, { code, message }: SyncError) => void notes.push({ field, failure: { code, message } }),
  }
  const rendering = { ...input, engine, ...(isWitnessed && { witness }) }
  if (job.task === 'manifest') return renderManifest(rendering)
  const content = renderTarget(rendering)
  return { ...content, data: copied(content.data) }
}

/** A small value is a view into a pool, which would cross as a whole. */
function copied(values: Values): Values {
  return new Map([...values].map(([key, value]) => [key, new Uint8Array(value)]))
}
