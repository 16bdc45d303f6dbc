import { RE2JS, RE2JSException } from 're2js'
import { patternLengthMax } from '../machinery/schema/pattern.ts'
import { ProviderError } from './errors.ts'

/** `find.name.regexp`: RE2, matched anywhere in the name. */
export function namePattern(regexp: string): (name: string) => boolean {
  if (regexp.length > patternLengthMax) {
    throw new ProviderError('invalid-ref', `find.name.regexp is longer than ${patternLengthMax} characters`)
  }
  try {
    const pattern = RE2JS.compile(regexp)
    return (name) => pattern.matcher(name).find()
  } catch (error) {
    const reason = error instanceof RE2JSException ? error.message : 'it is not a regular expression'
    throw new ProviderError('invalid-ref', `could not compile find.name.regexp [${regexp}]: ${reason}`)
  }
}
