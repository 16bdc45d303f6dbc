import assert from 'node:assert/strict'
import type { ApiAnswer } from '../support/api-client.ts'

/** The texts of the Warning headers, one header to a text. */
export function warningsOf({ headers }: ApiAnswer): readonly string[] {
  const { warning = [] } = headers
  return [warning].flat().map((header) => {
    const [, text] = /^299 - "((?:[^"\\]|\\.)*)"$/.exec(header) ?? []
    assert.ok(text !== undefined, `not one warning: ${header}`)
    return text.replace(/\\(.)/g, '$1')
  })
}
