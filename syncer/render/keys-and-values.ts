import { isJsonObject } from '../../machinery/json/member.ts'
import { decodeYamlScalars, YamlDecodeError } from '../../machinery/yaml.ts'
import { SyncError } from '../errors.ts'

type Values = ReadonlyMap<string, Uint8Array>

/**
 * A rendered document as keys and values: a YAML 1.1 map of scalars. Unquoted values are read and printed again, as in
 * ESO (eso-behaviour.md 4.3): `yes` becomes `true`, `0123` becomes `83`, `1.10` becomes `1.1`. Throws SyncError.
 */
export function keysAndValues(document: Uint8Array): Values {
  const decoded = documentOf(document)
  if (decoded === null) return new Map()
  if (!isJsonObject(decoded)) throw failure('it is not a map')
  return new Map(Object.entries(decoded).map(([key, value]) => [key, Buffer.from(scalarText(key, value))]))
}

function documentOf(document: Uint8Array): unknown {
  try {
    return decodeYamlScalars(Buffer.from(document).toString())
  } catch (error) {
    if (error instanceof YamlDecodeError) throw failure('it is not YAML')
    throw error
  }
}

function scalarText(key: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return float32Text(value)
    default:
      if (value === null) return ''
      throw failure(`the value of ${JSON.stringify(key)} is not a scalar`)
  }
}

/** Go's FormatFloat(value, 'g', -1, 32): the shortest decimal of the same float32, with an exponent from 1e+06 on. */
function float32Text(value: number): string {
  const float = Math.fround(value)
  const digits = Array.from({ length: 9 }, (_, index) => float.toExponential(index))
  const shortest = digits.find((text) => Math.fround(Number(text)) === float) ?? float.toExponential()
  const [mantissa = '', power = '0'] = shortest.split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(Number(shortest))
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function failure(text: string): SyncError {
  return new SyncError('invalid-value', `could not unmarshal template to 'map[string][]byte': ${text}`)
}
