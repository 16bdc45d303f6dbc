import type { Value } from '../../cel/values/value.ts'
import type { ValidationRule } from '../schema.ts'

const messageBytesMax = 5 * 1024

/** By what a rule is called in errors. */
export function ruleText({ rule, message = '' }: ValidationRule): string {
  return message.trim() || rule.trim()
}

/** What a messageExpression came to, when it can be shown: one line, and not too long. */
export function evaluatedMessage(value: Value): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  const isFit = text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= messageBytesMax
  return isFit ? text : undefined
}
