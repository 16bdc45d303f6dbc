/** Random sources of templates, most of which parse; the same seed gives the same ones. */
export function randomTemplates(seed: number, count: number): readonly string[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => block(random, 3))
}

/** Marsaglia's xorshift with 32 bits: enough to choose with. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 1
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  one<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
}

function block(random: Random, depth: number): string {
  return Array.from({ length: 1 + random.below(3) }, () => part(random, depth)).join('')
}

function part(random: Random, depth: number): string {
  const inner = (): string => (depth > 0 ? block(random, depth - 1) : 'x')
  const value = (): string => pipeline(random, depth)
  switch (random.below(12)) {
    case 0:
      return random.one(['text', ' ', '\n', 'é', '{', '}}', '-'])
    case 1:
      return `{{ if ${value()} }}${inner()}{{ else }}${inner()}{{ end }}`
    case 2:
      return `{{- with ${value()} -}}${inner()}{{ end }}`
    case 3:
      return `{{ range $k, $v := ${value()} }}${inner()}{{ $v }}{{ end }}`
    case 4:
      return `{{ $x := ${value()} }}{{ $x }}`
    case 5:
      return `{{/* comment */}}{{ range until 3 }}${random.one(['{{ . }}', '{{ break }}', '{{ continue }}'])}{{ end }}`
    default:
      return `{{ ${value()} }}`
  }
}

function pipeline(random: Random, depth: number): string {
  const first = command(random, depth)
  return random.below(3) === 0 ? `${first} | ${random.one(unary)}` : first
}

function command(random: Random, depth: number): string {
  switch (depth > 0 ? random.below(6) : 0) {
    case 1:
    case 2:
      return `${random.one(unary)} ${operand(random, depth)}`
    case 3:
      return `${random.one(binary)} ${operand(random, depth)} ${operand(random, depth)}`
    case 4:
      return `${random.one(many)} ${operand(random, depth)} ${operand(random, depth)} ${operand(random, depth)}`
    case 5:
      return `printf ${random.one(formats)} ${operand(random, depth)}`
    default:
      return operand(random, depth)
  }
}

function operand(random: Random, depth: number): string {
  return depth > 0 && random.below(4) === 0 ? `(${pipeline(random, depth - 1)})` : random.one(operands)
}

const operands = (
  '.a .user .uni .empty .csv . nil true 0 1 -2 3 1.5 1e21 "" "a" "b,c" "é" `x y` (list) (dict) (list 1 ' + '"a" nil) $'
).split(' ')
const unary = (
  'upper lower trim len not print quote squote toString toJson b64enc b64dec b32enc first last rest ' +
  'reverse uniq title int float64 kindOf typeOf empty nospace initials snakecase camelcase toStrings ' +
  'sortAlpha ceil floor base dir clean ext'
).split(' ')
const binary = (
  'eq ne lt gt add sub mul default contains hasPrefix trimAll trunc repeat splitList join append has ' +
  'index cat and or addf max min without regexFind regexMatch indent'
).split(' ')
const many = (
  'list cat print println replace coalesce all any add max regexReplaceAll substr plural and or eq html ' + 'urlquery'
).split(' ')
const formats =
  '"%v" "%d" "%s" "%q" "%x" "%5v" "%-8.3v|" "%+v" "%#v" "%T" "%t" "%c" "%e" "%08.2f" "%[1]v %[1]T" "%v %v"'
    .split('" "')
    .map((format) => `"${format.replaceAll('"', '')}"`)
