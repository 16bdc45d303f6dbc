/**
 * What a name, key or value may look like (k8s.io/apimachinery/pkg/util/validation). Every check answers the texts of
 * what is wrong, none for a good one; callers put them into a FieldError.
 */
export type NameProblems = readonly string[]

const subdomainForm = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const labelForm = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const qualifiedForm = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValueForm = `(${qualifiedForm})?`
const configKeyForm = '[-._a-zA-Z0-9]+'

const subdomainPattern = new RegExp(`^${subdomainForm}$`)
const labelPattern = new RegExp(`^${labelForm}$`)
const qualifiedPattern = new RegExp(`^${qualifiedForm}$`)
const labelValuePattern = new RegExp(`^${labelValueForm}$`)
const configKeyPattern = new RegExp(`^${configKeyForm}$`)

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  `end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomainForm}')`
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
  `an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${labelForm}')`
const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedForm}')`
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  `'${labelValueForm}')`
const configKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  `'key-name', regex used for validation is '${configKeyForm}')`

const subdomainRule: Form = { bytesMax: 253, pattern: subdomainPattern, text: subdomainText }
const labelRule: Form = { bytesMax: 63, pattern: labelPattern, text: labelText }
const labelValueRule: Form = { bytesMax: 63, pattern: labelValuePattern, text: labelValueText }

export function dnsSubdomainProblems(name: string): NameProblems {
  return problemsOf(name, subdomainRule)
}

export function dnsLabelProblems(name: string): NameProblems {
  return problemsOf(name, labelRule)
}

/** The least that every name must keep: it is one segment of a URL path. */
export function pathSegmentProblems(name: string): NameProblems {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}

/** Label and annotation keys, finalizers: an optional DNS prefix and a name. */
export function qualifiedNameProblems(key: string): NameProblems {
  const slash = key.indexOf('/')
  const name = key.slice(slash + 1)
  if (name.includes('/')) {
    return [
      `a qualified name ${qualifiedText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  if (slash < 0 && qualifiedPattern.test(name) && !isLonger(name, 63)) return none
  const problems = slash < 0 ? [] : prefixProblems(key.slice(0, slash))
  if (name === '') return [...problems, 'name part must be non-empty', `name part ${qualifiedText}`]
  problems.push(...longerThan(name, 63).map((text) => `name part ${text}`))
  if (!qualifiedPattern.test(name)) problems.push(`name part ${qualifiedText}`)
  return problems
}

export function labelValueProblems(value: string): NameProblems {
  return problemsOf(value, labelValueRule)
}

/** Keys of the data of ConfigMaps and their like. */
export function configKeyProblems(key: string): NameProblems {
  const problems = [...longerThan(key, 253), ...(configKeyPattern.test(key) ? [] : [configKeyText])]
  if (key === '.' || key === '..') return [...problems, `must not be '${key}'`]
  return key.startsWith('..') ? [...problems, "must not start with '..'"] : problems
}

export function isDnsSubdomain(name: string): boolean {
  return dnsSubdomainProblems(name).length === 0
}

export function isDnsLabel(name: string): boolean {
  return dnsLabelProblems(name).length === 0
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const generatedLengthMax = 63

/** A name from metadata.generateName: cut so that the five random characters fit. `random` gives numbers in [0, 1). */
export function generatedName(generateName: string, random: () => number): string {
  let name = generateName.slice(0, generatedLengthMax - suffixLength)
  for (let count = 0; count < suffixLength; count += 1)
    name += suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]
  return name
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return dnsSubdomainProblems(prefix).map((text) => `prefix part ${text}`)
}

interface Form {
  readonly bytesMax: number
  readonly pattern: RegExp
  /** What is said of a text that has another form. */
  readonly text: string
}

function problemsOf(text: string, form: Form): NameProblems {
  const hasForm = form.pattern.test(text)
  if (hasForm && !isLonger(text, form.bytesMax)) return none
  return [...longerThan(text, form.bytesMax), ...(hasForm ? [] : [form.text])]
}

/** Nearly every name is a good one. */
const none: NameProblems = []

/** Go counts bytes. */
function isLonger(text: string, bytesMax: number): boolean {
  return text.length > bytesMax || (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax)
}

function longerThan(text: string, bytesMax: number): string[] {
  return isLonger(text, bytesMax) ? [`must be no more than ${bytesMax} bytes`] : []
}
