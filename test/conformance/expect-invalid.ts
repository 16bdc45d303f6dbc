import assert from 'node:assert/strict'
import { type ApiAnswer, listOf } from '../support/api-client.ts'
import { expectFailure } from './expect.ts'

interface Cause {
  readonly field: string
  readonly reason: string
  /** The whole message, or a pattern in it. */
  readonly message?: string | RegExp
}

interface Invalid {
  readonly kind?: string
  readonly group?: string
  /** Empty where the object has no name, or where it is of options. */
  readonly name: string
  /** All of them, in whatever order. */
  readonly causes: readonly Cause[]
  /** Custom resources with rules tell as a last cause that these were not checked because of the others. */
  readonly isOfCustomResource?: boolean
}

/** 422: the message names the object and tells each cause; the details hold the same causes. */
export function expectInvalid(
  answer: ApiAnswer,
  { kind = 'Widget', group = 'example.com', name, causes, isOfCustomResource = false }: Invalid,
): void {
  const status = expectFailure(answer, { code: 422, reason: 'Invalid' })
  const { causes: told, ...details } = status['details'] ?? {}
  assert.deepEqual(details, { ...(name !== '' && { name }), group, kind })
  const found = listOf(told).map(causeOf)
  const counted = isOfCustomResource ? found.filter(({ field }) => field !== '<nil>') : found
  assert.equal(counted.length, causes.length, answer.text)
  for (const { field, reason, message = '' } of causes) {
    const fits = found.some(
      (one) => one.field === field && one.reason === reason && (one.message === message || one.message.match(message)),
    )
    assert.ok(fits, `no ${reason} of ${field} with ${message}: ${answer.text}`)
  }
  const texts = found.map(({ field, message }) => `${field}: ${message}`)
  const all = texts.length === 1 ? texts.join() : `[${texts.join(', ')}]`
  assert.equal(status['message'], `${kind}.${group} ${JSON.stringify(name)} is invalid: ${all}`)
}

function causeOf(cause: Record<string, unknown>): { field: string; reason: string; message: string } {
  assert.deepEqual(Object.keys(cause), ['reason', 'message', 'field'])
  return { field: String(cause['field']), reason: String(cause['reason']), message: String(cause['message']) }
}
