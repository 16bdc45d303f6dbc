import { Scene } from './scene.ts'
import type { Statement } from './statement.ts'
import type { Target } from './target.ts'

export interface Outcome {
  /** `16 POST returns 201, ...` */
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** What was found instead, or why it was skipped. */
  readonly detail?: string
}

interface PlayOptions {
  readonly chosen: readonly Statement[]
  /** How many statements are played side by side. */
  readonly jobs: number
  readonly report: (outcome: Outcome) => void
}

/** Plays statements against a target: side by side, then those that want to be alone. */
export async function playAll(target: Target, { chosen, jobs, report }: PlayOptions): Promise<void> {
  const queue = chosen.filter(({ alone }) => alone !== true)
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) report(await play(target, one))
  }
  await Promise.all(Array.from({ length: jobs }, work))
  for (const one of chosen.filter(({ alone }) => alone === true)) report(await play(target, one))
}

async function play(target: Target, statement: Statement): Promise<Outcome> {
  const name = `${statement.number} ${statement.sentence}`
  const reason = whyNot(target, statement)
  if (reason !== undefined) return { name, result: 'skipped', detail: reason }
  try {
    await using scene = await Scene.open(target, statement.number)
    await statement.play(scene)
    return { name, result: 'passed' }
  } catch (error) {
    return { name, result: 'failed', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function whyNot({ answersAs, control }: Target, statement: Statement): string | undefined {
  if (statement.notYet !== undefined) return statement.notYet
  if (answersAs === 'custom-resources' && statement.notForCustomResources) return statement.notForCustomResources
  const { needs } = statement
  return needs !== undefined && control?.[needs] === undefined ? `the target offers no ${needs}` : undefined
}
