import { startOurs, startPeer } from './contender.ts'
import { compareLists } from './lists.ts'
import { compareMemory, compareStarts } from './process-works.ts'
import type { Comparison } from './table.ts'
import { compareCreates, type Amounts, compareVerb, fill, verbWorks } from './verbs.ts'
import { compareWatches } from './watches.ts'

/** What can be chosen with --only, in the order in which it runs. */
export const works = ['create', 'memory', ...Object.keys(verbWorks), 'list', 'watch', 'start']

export interface ComparisonOptions extends Amounts {
  readonly chosen: ReadonlySet<string>
  readonly watchers: number
}

/** The same work by the same clients on our server and on the real peer, one after the other for each work. */
export async function compare(options: ComparisonOptions): Promise<readonly Comparison[]> {
  const { chosen } = options
  await using ours = await startOurs()
  await using peer = await startPeer()
  if (peer === undefined) process.stdout.write('the real peer is not here: npm run peers builds it where Go is\n')
  const contenders = peer === undefined ? [ours] : [ours, peer]
  const rows: Comparison[] = []
  if (chosen.has('create')) rows.push(await compareCreates(contenders, options))
  else for (const contender of contenders) await fill(contender, options)
  if (chosen.has('memory')) rows.push(...compareMemory(contenders, options))
  for (const [name, work] of Object.entries(verbWorks)) {
    if (chosen.has(name)) rows.push(await compareVerb(contenders, work, options))
  }
  if (chosen.has('list')) rows.push(...(await compareLists(contenders)))
  if (chosen.has('watch')) rows.push(...(await compareWatches(contenders, options)))
  if (chosen.has('start')) rows.push(...(await compareStarts(contenders, options)))
  return rows
}
