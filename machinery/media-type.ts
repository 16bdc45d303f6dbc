import { LRUCache } from 'lru-cache'

export interface MediaRange {
  /** Lower case; '*' stands for any. */
  readonly type: string
  readonly subtype: string
  readonly parameters: ReadonlyMap<string, string>
}

/** What a client is answered with. */
export interface Representation {
  readonly mediaType: 'application/json' | 'application/yaml'
  readonly as?: Conversion
  readonly isPretty?: true
}

export interface Conversion {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  readonly version: 'v1' | 'v1beta1'
}

/**
 * The first clause of an Accept header that can be answered; undefined is a 406. Streams (watch) come as JSON only.
 * What cannot be encoded here (protobuf, CBOR) is passed over as long as another clause matches.
 */
export function negotiate(header = '', stream?: 'watch'): Representation | undefined {
  if (header.length > rememberedLengthMax) return negotiated(header, stream)
  const key = `${stream} ${header}`
  const known = representations.get(key)
  if (known !== undefined) return known
  const made = negotiated(header, stream)
  if (made !== undefined) representations.set(key, made)
  return made
}

/** Clients of one program all say the same. */
const representations = new LRUCache<string, Representation>({ max: 128 })
const rememberedLengthMax = 512

function negotiated(header: string, stream: 'watch' | undefined): Representation | undefined {
  for (const range of parseAccept(header)) {
    const mediaType = (stream === 'watch' ? watchTypes : objectTypes).find((each) => includes(range, each))
    if (mediaType === undefined) continue
    const as = conversionOf(range)
    if (as === 'unknown' || (range.parameters.get('stream') ?? 'watch') !== 'watch') continue
    if (range.parameters.has('stream') && stream !== 'watch') continue
    if ((range.parameters.get('sv') ?? 'v1') !== 'v1') continue
    return { mediaType, ...(as && { as }), ...(range.parameters.get('pretty') === '1' && { isPretty: true }) }
  }
  return undefined
}

/** The clauses of an Accept header, best first: by q, then by how specific they are, then as they stand. */
export function parseAccept(header: string): readonly MediaRange[] {
  if (header.trim() === '') return [anything]
  const clauses = header
    .split(',')
    .map(parseClause)
    .filter((clause) => clause !== undefined)
  return clauses.sort((left, right) => right.q - left.q || right.specificity - left.specificity)
}

/** The media type of a body: lower case, without parameters; '' when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

export function includes(range: MediaRange, mediaType: string): boolean {
  const [type, subtype] = mediaType.split('/')
  return (range.type === '*' || range.type === type) && (range.subtype === '*' || range.subtype === subtype)
}

const objectTypes = ['application/json', 'application/yaml'] as const
const watchTypes = ['application/json'] as const
const anything: MediaRange = { type: '*', subtype: '*', parameters: new Map() }

interface Clause extends MediaRange {
  readonly q: number
  readonly specificity: number
}

function parseClause(text: string): Clause | undefined {
  const [range = '', ...rest] = text.split(';')
  const [type = '', subtype = ''] = range.trim().toLowerCase().split('/')
  if (type === '' || subtype === '') return undefined
  const parameters = new Map(rest.map(parseParameter))
  const q = Number(parameters.get('q') ?? '1')
  parameters.delete('q')
  if (!(q > 0)) return undefined
  const specificity = type === '*' ? 0 : subtype === '*' ? 1 : 2
  return { type, subtype, parameters, q, specificity }
}

function parseParameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  if (equals < 0) return [text.trim().toLowerCase(), '']
  const value = text.slice(equals + 1).trim()
  return [text.slice(0, equals).trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1')]
}

const conversions: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'])

function conversionOf({ parameters }: MediaRange): Conversion | undefined | 'unknown' {
  const kind = parameters.get('as')
  if (kind === undefined) return undefined
  const version = parameters.get('v')
  if (!isConversionKind(kind) || parameters.get('g') !== 'meta.k8s.io') return 'unknown'
  return version === 'v1' || version === 'v1beta1' ? { kind, version } : 'unknown'
}

function isConversionKind(kind: string): kind is Conversion['kind'] {
  return conversions.has(kind)
}
