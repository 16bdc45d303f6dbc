import t from 'tap'
import { checkRows } from './conformance.ts'

t.test('strings count code points and take no pattern apart', (t) => {
  checkRows(
    t,
    String.raw`
  'abc'.charAt(1)  => "b"
  'abc'.charAt(3)  => ""
  'abc'.charAt(4)  => ? index out of range: 4
  'héllo😀x'.size()  => 7
  'héllo😀x'.indexOf('x')  => 6
  'héllo😀x'.charAt(5)  => "😀"
  'a😀b😀c'.lastIndexOf('😀')  => 3
  'a😀b😀c'.lastIndexOf('😀', 2)  => 1
  'abcabc'.indexOf('c', 3)  => 5
  'abc'.indexOf('', 1)  => 1
  'abc'.indexOf('', 3)  => 3
  'abc'.indexOf('z')  => -1
  'abc'.indexOf('a', 9)  => -1
  'abc'.lastIndexOf('')  => 3
  'abc'.lastIndexOf('', 1)  => 1
  'abc'.lastIndexOf('c', 1)  => -1
  ['a','b'].join()  => "ab"
  ['a','b'].join(', ')  => "a, b"
  [].join('x')  => ""
  'AbCÄ'.lowerAscii()  => "abcÄ"
  'aßc'.upperAscii()  => "AßC"
  'hello hello'.replace('he', 'we')  => "wello wello"
  'hello hello'.replace('he', 'we', 1)  => "wello hello"
  'hello'.replace('', '-')  => "-h-e-l-l-o-"
  'hello'.replace('', '-', 2)  => "-h-ello"
  'hello'.replace('l', '', 0)  => "hello"
  'hello'.replace('l', 'L', -1)  => "heLLo"
  'a,b,c'.split(',')  => ["a", "b", "c"]
  'a,b,c'.split(',', 2)  => ["a", "b,c"]
  'a,b,c'.split(',', 0)  => []
  'a,b,c'.split(',', 1)  => ["a,b,c"]
  'abc'.split('')  => ["a", "b", "c"]
  'abc'.split('', 2)  => ["a", "bc"]
  'tacocat'.substring(4)  => "cat"
  'tacocat'.substring(0, 4)  => "taco"
  'tacocat'.substring(7)  => ""
  'tacocat'.substring(8)  => ? index out of range: 8
  'tacocat'.substring(3, 1)  => ? invalid substring range. start: 3, end: 1
  '  trim\n\t '.trim()  => "trim"
  ' x '.trim()  => "x"
  strings.quote('a"b\n')  => "\"a\\\"b\\n\""
  'a'.contains('')  => true
  'abc'.startsWith('ab')  => true
  'abc'.endsWith('bc')  => true
  'abc'.matches('^a.c$')  => true
  matches('abc', 'b')  => true
  'abc'.matches('(?i)B')  => true
  'abc'.matches('a(?=b)')  => ! 1:15: invalid matches argument
  'foo 123 bar 45'.find('[0-9]+')  => "123"
  'foo'.find('[0-9]+')  => ""
  'foo 123 bar 45'.findAll('[0-9]+')  => ["123", "45"]
  'foo 123 bar 45'.findAll('[0-9]+', 1)  => ["123"]
  'foo 123 bar 45'.findAll('[0-9]+', 0)  => []
  'abc'.findAll('x*')  => ["", "", "", ""]
  'abc'.indexOf('a', 3)  => -1
  'abc'.indexOf('', 9)  => 9
  'abc'.indexOf('a', -1)  => ? index out of range: -1
  'abc'.lastIndexOf('a', 9)  => -1
  'abc'.lastIndexOf('', 9)  => 9
  'abc'.lastIndexOf('abcd', 9)  => -1
  'abc'.indexOf('abcd', 9)  => -1
  {b'a': 1}  => ? unsupported key type
`,
  )
  t.end()
})

t.test('format writes as cel-go does', (t) => {
  checkRows(
    t,
    String.raw`
  '%s %d %f %.2f %e'.format(['a', 1, 1.5, 2.345, 12345.678])  => "a 1 1.500000 2.35 1.234568×10⁰⁴"
  '%x %X %o %b %b'.format([255, 'aZ', 8, 5, true])  => "ff 615A 10 101 1"
  '%s'.format([null])  => "null"
  '%s'.format([1.0])  => "1"
  '%s'.format([1e10])  => "1e+10"
  '%s'.format([type(1)])  => "int"
  '%%'.format([])  => "%"
  '%s'.format([b'abc'])  => "abc"
  '%s'.format([['a', 1.5, true]])  => "[\"a\", 1.500000, true]"
  '%e'.format([1.5])  => "1.500000×10⁰⁰"
  '%e'.format([-12345678.9])  => "-1.234568×10⁰⁷"
  '%e'.format([0.0])  => "0.000000×10⁰⁰"
  '%f'.format([1e20])  => "100,000,000,000,000,000,000.000000"
  '%f'.format([1234567.891])  => "1,234,567.891000"
  '%s'.format([1.5])  => "1.5"
  '%s'.format([[1.5]])  => "[1.500000]"
  '%s'.format([[1.0, 1e10]])  => "[1.000000, 10000000000.000000]"
  '%s'.format([1e20])  => "1e+20"
  '%s'.format([{'a':1, 'b':[1,2]}])  => "{\"a\":1, \"b\":[1, 2]}"
  '%s'.format([{1:true}])  => "{1:true}"
  '%s'.format([["a\"b"]])  => "[\"a\\\"b\"]"
  '%s'.format([[timestamp(0)]])  => "[timestamp(\"1970-01-01T00:00:00Z\")]"
  '%s'.format([[duration('1s')]])  => "[duration(\"1s\")]"
  '%s'.format([[null]])  => "[null]"
  '%s'.format([[b'abc']])  => "[b\"abc\"]"
  '%s'.format([1u])  => "1"
  '%s'.format([[1u]])  => "[1]"
  '%d'.format([1u])  => "1"
  '%d'.format([-5])  => "-5"
  '%x'.format([-255])  => "-ff"
  '%x'.format([b'ab'])  => "6162"
  '%b'.format([-5])  => "-101"
  '%d'.format([123456789])  => "123456789"
  '%.0f'.format([3.5])  => "4"
`,
  )
  t.end()
})

t.test('lists are added up, searched, sorted and flattened', (t) => {
  checkRows(
    t,
    String.raw`
  [1,2,3].isSorted()  => true
  [3,1].isSorted()  => false
  ['a','b'].isSorted()  => true
  [1,2,3].sum()  => 6
  [1.5,2.5].sum()  => 4.0
  [].sum()  => 0
  [duration('1s'), duration('2s')].sum()  => 3000000000ns
  [9223372036854775807, 1].sum()  => ? integer overflow
  [3,1,2].min()  => 1
  [3,1,2].max()  => 3
  [].max()  => ? max called on empty list
  [1,2,2,3].indexOf(2)  => 1
  [1,2,2,3].lastIndexOf(2)  => 2
  [1].indexOf(5)  => -1
  ['a','b'].lastIndexOf('b')  => 1
  [1,2,3,4].slice(1,3)  => [2, 3]
  [1,2].slice(1,5)  => ? cannot slice(1, 5), list is length 2
  [1,2].slice(-1,5)  => ? cannot slice(-1, 5), negative indexes not supported
  [[1,2],[3]].flatten()  => [1, 2, 3]
  [[1,[2]],[[3,[4]]]].flatten(2)  => ! 1:5: expected type 'int' but found 'list(int)'
  [dyn([1,[2]]),dyn(3)].flatten()  => ! 1:9: expected type 'int' but found 'list(int)'
  [3,1,2].sort()  => [1, 2, 3]
  ['b','a'].sort()  => ["a", "b"]
  [{'n':2},{'n':1}].sortBy(x, x.n)  => [{"n": 1}, {"n": 2}]
  [1,2,3].reverse()  => [3, 2, 1]
  [1,2,1,3].distinct()  => [1, 2, 3]
  [1,1.0,1u].distinct()  => ! 1:4: expected type 'int' but found 'double'
  lists.range(4)  => [0, 1, 2, 3]
  lists.range(0)  => []
  [1,2].first()  => optional 1
  [].last()  => none
  [1,2].last().value()  => 2
`,
  )
  t.end()
})

t.test('sets are lists of which the different items count', (t) => {
  checkRows(
    t,
    String.raw`
  sets.contains([1,2,3],[2])  => true
  sets.contains([1],[2])  => false
  sets.contains([],[])  => true
  sets.equivalent([1,2],[2,1,1])  => true
  sets.intersects([1],[2,1])  => true
  sets.intersects([],[])  => false
`,
  )
  t.end()
})

t.test('optionals hold a value or none', (t) => {
  checkRows(
    t,
    String.raw`
  optional.of(1).value()  => 1
  optional.none().hasValue()  => false
  optional.none().value()  => ? optional.none() dereference
  optional.ofNonZeroValue(0)  => none
  optional.ofNonZeroValue('a')  => optional "a"
  optional.ofNonZeroValue([])  => none
  optional.of(1).or(optional.of(2)).value()  => 1
  optional.none().orValue(3)  => 3
  {'a':{'b':1}}.?a.?b  => optional 1
  {'a':{'b':1}}.?x.?b  => none
  {'a':{'b':1}}.?x.b  => none
  {'a':{'b':1}}.?a.b.orValue(7)  => 1
  [1,2][?5]  => none
  [1,2][?0]  => optional 1
  {'a':1}[?'b']  => none
  [?optional.of(1), ?optional.none(), 3]  => [1, 3]
  {?'a': optional.of(1), ?'b': optional.none()}  => {"a": 1}
  optional.of(2).optMap(x, x * 2)  => optional 4
  optional.none().optMap(x, x)  => none
  optional.of([1]).optFlatMap(x, x[?0])  => optional 1
  [optional.of(1), optional.none()].unwrapOpt()  => [1]
  optional.unwrap([optional.of(1), optional.none()])  => [1]
  has({'a':{'b':1}}.?a.b)  => true
`,
  )
  t.end()
})

t.test('times and durations have parts', (t) => {
  checkRows(
    t,
    String.raw`
  timestamp('2023-05-28T13:04:05.678Z').getFullYear()  => 2023
  timestamp('2023-05-28T13:04:05.678Z').getMonth()  => 4
  timestamp('2023-05-28T13:04:05.678Z').getDayOfYear()  => 147
  timestamp('2023-05-28T13:04:05.678Z').getDayOfMonth()  => 27
  timestamp('2023-05-28T13:04:05.678Z').getDate()  => 28
  timestamp('2023-05-28T13:04:05.678Z').getDayOfWeek()  => 0
  timestamp('2023-05-28T13:04:05.678Z').getHours()  => 13
  timestamp('2023-05-28T13:04:05.678Z').getMinutes()  => 4
  timestamp('2023-05-28T13:04:05.678Z').getSeconds()  => 5
  timestamp('2023-05-28T13:04:05.678Z').getMilliseconds()  => 678
  timestamp('2023-05-28T23:04:05Z').getHours('America/New_York')  => 19
  timestamp('2023-05-28T23:04:05Z').getDate('+02:00')  => 29
  timestamp('2023-05-28T23:04:05Z').getHours('-09:30')  => 13
  timestamp('2023-05-28T23:04:05Z').getHours('02:00')  => 1
  timestamp('2023-05-28T23:04:05Z').getHours('Nowhere/Land')  => ? unknown time zone
  timestamp('1960-05-28T23:04:05.5Z').getMilliseconds()  => 500
  timestamp('1960-12-31T23:04:05.5Z').getDayOfYear()  => 365
  duration('3h2m1.5s').getHours()  => 3
  duration('3h2m1.5s').getMinutes()  => 182
  duration('3h2m1.5s').getSeconds()  => 10921
  duration('3h2m1.5s').getMilliseconds()  => 10921500
  timestamp('2023-01-01T00:00:00Z') + duration('24h')  => 2023-01-02T00:00:00Z
  timestamp('2023-01-02T00:00:00Z') - timestamp('2023-01-01T00:00:00Z')  => 86400000000000ns
  timestamp('9999-12-31T23:59:59Z') + duration('1s')  => ? timestamp overflow
  duration('1h') + timestamp('2023-01-01T00:00:00Z')  => 2023-01-01T01:00:00Z
  timestamp('2023-01-01T00:00:00Z') < timestamp('2023-01-02T00:00:00Z')  => true
  string(timestamp('2023-01-01T00:00:00.1Z'))  => "2023-01-01T00:00:00.1Z"
  timestamp(0)  => 1970-01-01T00:00:00Z
  int(duration('1s'))  => 1000000000
  duration('1d')  => ! 1:10: type conversion error from 'string' to 'duration'
  duration('-1h30m')  => -5400000000000ns
  duration('')  => ! 1:10: type conversion error from 'string' to 'duration'
`,
  )
  t.end()
})
