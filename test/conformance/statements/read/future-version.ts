import assert from 'node:assert/strict'
import { asked, versionOf } from '../../ask.ts'
import { expectFailure, expectObject } from '../../expect.ts'
import type { Scene } from '../../scene.ts'

/** A read of a resourceVersion that is far away waits a little, and ends as 504 with a hint to try again. */
export async function expectFutureVersion(
  { api, widgets }: Scene,
  path: string,
  query: Readonly<Record<string, string | number>>,
): Promise<void> {
  const current = versionOf(expectObject(await api.get(`${widgets}?limit=1`)))
  const resourceVersion = String(BigInt(current) + 1_000_000_000n)
  const answer = await api.get(asked(path, { ...query, resourceVersion }))
  expectFailure(answer, {
    code: 504,
    reason: 'Timeout',
    message: new RegExp(`^Timeout: Too large resource version: ${resourceVersion}, current: \\d+$`),
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
  assert.equal(answer.headers['retry-after'], '1')
}
