import { negotiate, type Representation } from '../../../machinery/media-type.ts'
import { badRequest, notAcceptable, notConvertible } from '../../../machinery/status-errors.ts'
import type { ApiRequest } from '../endpoint.ts'
import { textValue, wantsPretty } from './query.ts'

/** How the answer is to look. */
export interface Output {
  readonly representation: Representation
  /** What a table's rows hold of their objects. */
  readonly include: 'None' | 'Metadata' | 'Object'
  /** Compact JSON of the object itself: encoded bytes can be sent as they are. */
  readonly isPlain: boolean
  /** Compact JSON of whatever form. */
  readonly isCompact: boolean
}

/** Throws 406 when no form that the client accepts can be had. */
export function outputOf(request: ApiRequest, shape: 'object' | 'list' | 'watch'): Output {
  const representation = negotiate(request.headers.accept, shape === 'watch' ? 'watch' : undefined)
  if (representation === undefined) throw notAcceptable(offered(shape))
  const wrong = shape === 'list' ? 'PartialObjectMetadata' : 'PartialObjectMetadataList'
  if (representation.as?.kind === wrong) throw wrongShape(shape, wrong)
  const isTable = representation.as?.kind === 'Table'
  const isPretty = representation.isPretty ?? wantsPretty(request.query, request.headers['user-agent'])
  const isCompact = representation.mediaType === 'application/json' && (!isPretty || shape === 'watch')
  return {
    representation,
    include: isTable ? includeOf(request) : 'Metadata',
    isPlain: isCompact && representation.as === undefined,
    isCompact,
  }
}

function offered(shape: 'object' | 'list' | 'watch'): readonly string[] {
  return shape === 'watch' ? ['application/json;stream=watch'] : ['application/json', 'application/yaml']
}

function wrongShape(shape: 'object' | 'list' | 'watch', kind: string): Error {
  const object = shape === 'list' ? 'a list' : 'not a list'
  return notConvertible(`you requested ${kind}, but the requested object is ${object}`)
}

function includeOf(request: ApiRequest): Output['include'] {
  const value = textValue(request.query, 'includeObject') ?? 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  const why = "must be 'Metadata', 'Object', 'None', or empty"
  const shown = JSON.stringify(value)
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${shown}: ${why}`)
}
