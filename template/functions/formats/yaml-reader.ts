import {
  boolYaml11Tag,
  defineScalarTag,
  load,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml'

/** YAML 1.1 as Go reads it: `yes` is true, 0123 is 83; no base 60 and no times, which stay text. */
export function readYaml(text: string): unknown {
  return load(text, { schema, json: true, maxDepth: 100, maxAliases: 100 })
}

const integerPattern = /^([-+]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9]\d*)$/
const floatPattern = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

/** Every number is a float64 in a template. */
export function yamlNumber(source: string): number | undefined {
  const plain = source.replaceAll('_', '')
  const [, sign, digits] = integerPattern.exec(plain) ?? []
  if (digits === undefined) return floatPattern.test(plain) ? Number(plain) : undefined
  const value = Number(/^0\d/.test(digits) ? `0o${digits}` : digits)
  return sign === '-' ? -value : value
}

const numberTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'-+.0123456789'],
  resolve: (source) => yamlNumber(source) ?? NOT_RESOLVED,
  identify: () => false,
})
const schema = new Schema([strTag, seqTag, mapTag, nullYaml11Tag, boolYaml11Tag, numberTag, mergeTag])
