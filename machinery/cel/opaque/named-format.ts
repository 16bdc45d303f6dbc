import {
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  type NameProblems,
  qualifiedNameProblems,
} from '../../names.ts'
import { formatTest } from '../../schema/format.ts'
import type { Opaque } from '../values/value.ts'
import { parseUrl } from './url.ts'

/** A format that texts are checked against by its name. */
export class NamedFormat implements Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  readonly problemsOf: (text: string) => NameProblems
  /** By which the cost of a check is counted. */
  readonly patternSize: number

  constructor(name: string, problemsOf: (text: string) => NameProblems, patternSize: number) {
    this.name = name
    this.problemsOf = problemsOf
    this.patternSize = patternSize
  }

  equals(other: Opaque): boolean {
    return other instanceof NamedFormat && other.name === this.name
  }
}

const label1035Form = '[a-z]([-a-z0-9]*[a-z0-9])?'
const label1035 = new RegExp(`^${label1035Form}$`)
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
  `and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is ` +
  `'${label1035Form}')`

export const namedFormats: ReadonlyMap<string, NamedFormat> = new Map(
  [
    new NamedFormat('dns1123Label', dnsLabelProblems, 30),
    new NamedFormat('dns1123Subdomain', dnsSubdomainProblems, 60),
    new NamedFormat('dns1035Label', label1035Problems, 30),
    new NamedFormat('qualifiedName', qualifiedNameProblems, 60),
    new NamedFormat('dns1123LabelPrefix', (text) => dnsLabelProblems(asPrefix(text)), 30),
    new NamedFormat('dns1123SubdomainPrefix', (text) => dnsSubdomainProblems(asPrefix(text)), 60),
    new NamedFormat('dns1035LabelPrefix', (text) => label1035Problems(asPrefix(text)), 30),
    new NamedFormat('labelValue', labelValueProblems, 40),
    new NamedFormat(
      'uri',
      (text) => (parseUrl(text) === undefined ? [`parse ${JSON.stringify(text)}: invalid URI for request`] : []),
      1103,
    ),
    tested('uuid', 'does not match the UUID format', 72),
    tested('byte', 'invalid base64', 84),
    tested('date', 'invalid date', 72),
    new NamedFormat('datetime', (text) => (formatTest('date-time')?.(text) ? [] : ['invalid datetime']), 72),
  ].map((format) => [format.name, format]),
)

function tested(format: string, problem: string, patternSize: number): NamedFormat {
  return new NamedFormat(format, (text) => (formatTest(format)?.(text) ? [] : [problem]), patternSize)
}

function label1035Problems(text: string): NameProblems {
  const tooLong = Buffer.byteLength(text) > 63 ? ['must be no more than 63 bytes'] : []
  return label1035.test(text) ? tooLong : [...tooLong, label1035Text]
}

/** A name that is generated goes on behind a dash. */
function asPrefix(text: string): string {
  return text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text
}
