import type { Dice } from './dice.ts'

export const oddTexts = [
  '',
  ' ',
  '.',
  '..',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\u0000',
  '\ud800',
  '\udc00x',
  '\ufffd',
  '\u202e',
  'é'.normalize('NFD'),
  'null',
  'true',
  '0',
  '-1',
  '1e999',
  '%00',
  '%',
  '../../etc/passwd',
  'f:metadata',
  '.',
  '$ref',
  '{{ .x }}',
  '${x}',
  'a'.repeat(64),
  'a'.repeat(254),
  'x'.repeat(5000),
  '1'.repeat(400),
  '(a+)+$',
  '1h',
  '-9999999999999999h',
  '2026-13-45T99:99:99Z',
  '0000-00-00T00:00:00Z',
] as const

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.1,
  1e21,
  -1e308,
  2 ** 53,
  -(2 ** 63),
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: null },
  { '': '' },
]

/** The value with some of its parts replaced by something that nobody expects there. */
export function bent(value: unknown, dice: Dice, rate = 0.06): unknown {
  if (dice.chance(rate)) return strange(value, dice)
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => bent(item, dice, rate))
    return dice.chance(rate) ? [...items, ...items] : items
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).flatMap(([key, member]): (readonly [string, unknown])[] => {
    if (dice.chance(rate / 3)) return []
    return [[dice.chance(rate / 2) ? dice.pick(oddTexts) : key, bent(member, dice, rate)]]
  })
  return withOwn([...members, ...extraMembers(dice, rate)])
}

/** Also those named `__proto__`. */
function withOwn(members: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(members)
}

function extraMembers(dice: Dice, rate: number): readonly (readonly [string, unknown])[] {
  return dice.chance(rate / 2) ? [[dice.pick(['__proto__', 'x', 'spec', 'metadata', 'status']), { x: 1 }]] : []
}

function strange(value: unknown, dice: Dice): unknown {
  switch (dice.below(5)) {
    case 0:
      return dice.pick(oddTexts)
    case 1:
      return nested(dice.pick([3, 50, 150]), dice)
    case 2:
      return [value, value]
    case 3:
      return { value }
    default:
      return dice.pick(oddValues)
  }
}

function nested(depth: number, dice: Dice): unknown {
  let value: unknown = 1
  const isList = dice.chance(0.5)
  for (let level = 0; level < depth; level += 1) value = isList ? [value] : { a: value }
  return value
}

/** The text of a body with something wrong in it that no encoder makes. */
export function bentText(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1)
  switch (dice.below(8)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return `${text}${dice.pick(['x', '{}', '\u0000', '\n---\n{}', ','])}`
    case 2:
      return text.slice(0, at) + dice.pick(['\u0000', '"', '{', ']', '\\ud800', '\\', '\ufeff']) + text.slice(at)
    case 3:
      return text.replace('{', `{${dice.pick(['"kind":"x",', '"metadata":{},', '"__proto__":{"x":1},', '"spec":1,'])}`)
    case 4:
      return text.replace(/\d+/, dice.pick(['1'.repeat(500), '1e999', '-0', '00', '1.', '9007199254740993']))
    case 5:
      return text.replace(/"[^"]*"/, dice.pick(['"\\ud800"', '"\\u0000"', "'x'", 'x']))
    case 6:
      return `${'['.repeat(dice.pick([99, 101, 5000]))}${text}`
    default:
      return text.repeat(2)
  }
}
