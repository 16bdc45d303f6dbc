import assert from 'node:assert/strict'
import type { ApiAnswer, Json } from '../support/api-client.ts'

interface Failure {
  readonly code: number
  readonly reason?: string
  /** The whole message, or a pattern in it. */
  readonly message?: string | RegExp
  readonly details?: unknown
}

/** The answer is a Status that tells of this failure, in every place where it does. */
export function expectFailure(answer: ApiAnswer, { code, reason, message, details }: Failure): Json {
  const { json: status, text } = answer
  assert.equal(answer.status, code, text.slice(0, 500))
  assert.ok(status !== undefined, `no JSON: ${text.slice(0, 200)}`)
  assert.equal(status['kind'], 'Status')
  assert.equal(status['apiVersion'], 'v1')
  assert.equal(status['status'], 'Failure')
  assert.equal(status['code'], code)
  if (reason !== undefined) assert.equal(status['reason'], reason)
  if (typeof message === 'string') assert.equal(status['message'], message)
  else if (message !== undefined) assert.match(String(status['message']), message)
  if (details !== undefined) assert.deepEqual(status['details'], details)
  return status
}

/** The answer is of this code, and its body is an object, which comes back. */
export function expectObject(answer: ApiAnswer, code = 200): Json {
  assert.equal(answer.status, code, answer.text.slice(0, 500))
  assert.ok(answer.json !== undefined, `no JSON: ${answer.text.slice(0, 200)}`)
  return answer.json
}
