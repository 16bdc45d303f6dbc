import t from 'tap'
import { SelectorError } from './errors.ts'
import { parseFieldSelector } from './field.ts'
import { labelSelectorOf, parseLabelSelector } from './label.ts'

t.test('label selectors select', (t) => {
  const labels = { app: 'web', tier: '', size: '5', 'example.com/x': 'y' }
  const selecting = [
    '',
    '  ',
    'app',
    'app=web',
    'app == web',
    'app in (web,api)',
    'app in (api, web),size',
    'tier in (a,)',
    'tier in ()',
    'tier=',
    '!gone',
    '! gone',
    'gone!=x',
    'gone notin (a)',
    'app!=api',
    'size>4,size<6',
    'example.com/x=y',
    'in=x,!notin',
  ]
  for (const text of selecting.slice(0, -1)) t.ok(parseLabelSelector(text).matches(labels), text)
  t.ok(parseLabelSelector('in=x,!notin').matches({ in: 'x' }))
  for (const text of ['gone', 'app!=web', 'app in (api)', 'size>5', 'app>1', '!app', 'app notin (web)', 'tier=x']) {
    t.notOk(parseLabelSelector(text).matches(labels), text)
  }
  t.notOk(parseLabelSelector('constructor').matches({}))
  t.notOk(parseLabelSelector('a').matches(undefined))
  t.end()
})

t.test('label selectors are refused in the words of apimachinery', (t) => {
  const requirement = 'unable to parse requirement: '
  const cases = [
    [',', `found ',', expected: !, identifier, or 'end of string'`],
    ['a,', `found '', expected: identifier after ','`],
    ['a,,b', `found ',', expected: identifier after ','`],
    ['a b', `${requirement}found 'b', expected: in, notin, =, ==, !=, gt, lt`],
    ['a in', `${requirement}found '' expected: '('`],
    ['a in b', `${requirement}found 'b' expected: '('`],
    ['a in (b', `${requirement}found '', expected: ',' or ')'`],
    ['a in (=', `${requirement}found '=', expected: ',', ')' or identifier`],
    ['a==!', `${requirement}found '!', expected: identifier`],
    ['a=b c', `found 'c', expected: ',' or 'end of string'`],
    ['!', `${requirement}found '', expected: identifier`],
    ['a>x', `${requirement}values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ] as const
  for (const [text, message] of cases) t.throws(() => parseLabelSelector(text), new SelectorError(message), text)
  t.throws(() => parseLabelSelector('-a'), {
    message: /^unable to parse requirement: <nil>: Invalid value: "-a": name part must/,
  })
  t.throws(() => parseLabelSelector('a=-b'), {
    message: /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-b": a valid/,
  })
  t.end()
})

t.test('a declared selector selects as its text does', (t) => {
  const selector = labelSelectorOf({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'NotIn', values: ['b', 'a'] },
      { key: 'x', operator: 'DoesNotExist' },
    ],
  })
  t.equal(selector.text, 'app=web,tier notin (a,b),!x')
  t.ok(selector.matches({ app: 'web' }))
  t.notOk(selector.matches({ app: 'web', tier: 'a' }))
  t.ok(labelSelectorOf({}).matches(undefined))
  for (const operator of ['Gt', 'in'])
    t.throws(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator }] }), SelectorError)
  t.throws(() => labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'In' }] }), SelectorError)
  t.end()
})

t.test('field selectors are equalities', (t) => {
  t.strictSame(parseFieldSelector(''), [])
  t.strictSame(parseFieldSelector('metadata.name=a,spec.x!=b,c==d,,e='), [
    { path: 'metadata.name', operator: '=', value: 'a' },
    { path: 'spec.x', operator: '!=', value: 'b' },
    { path: 'c', operator: '=', value: 'd' },
    { path: 'e', operator: '=', value: '' },
  ])
  t.strictSame(parseFieldSelector('a=x\\,y\\=z\\\\')[0]?.value, 'x,y=z\\')
  t.throws(() => parseFieldSelector('a,b=c'), new SelectorError("invalid selector: 'a,b=c'; can't understand 'a'"))
  t.throws(
    () => parseFieldSelector('a=b=c'),
    new SelectorError('invalid field selector: unescaped character in value: 61'),
  )
  t.throws(() => parseFieldSelector('a=\\b'), new SelectorError('invalid field selector: invalid escape sequence: \\b'))
  t.end()
})
