import t from 'tap'
import { checkRows } from './conformance.ts'

t.test('macros walk along lists and maps', (t) => {
  checkRows(
    t,
    String.raw`
  [1,2,3].all(i, v, i < v)  => true
  [1,2,3].exists(i, v, i == 2 && v == 3)  => true
  [1,2,3].existsOne(i, v, v == 3)  => true
  {'a':1,'b':2}.all(k, v, v > 0)  => true
  [1,2,3].transformList(i, v, i * v)  => [0, 2, 6]
  [1,2,3].transformList(i, v, v > 1, i * v)  => [2, 6]
  {'a':1,'b':2}.transformMap(k, v, v + 1)  => {"a": 2, "b": 3}
  {'a':1,'b':2}.transformMap(k, v, v > 1, v + 1)  => {"b": 3}
  [10,20].transformMap(i, v, v)  => {0: 10, 1: 20}
  {'a':1}.map(k, k)  => ["a"]
  {'a':1}.exists(k, k == 'a')  => true
  [1,2,3].exists_one(x, x > 2)  => true
  [1,2,3].exists_one(x, x > 1)  => false
  [1,2,3].filter(x, x > 1)  => [2, 3]
  [1,2,3].map(x, x > 1, x * 2)  => [4, 6]
  [1,2,3].all(x, x > 0 || 1/0 > 0)  => true
  [0,1].all(x, 1/x > 0)  => ? division by zero
  [0,2].all(x, 1/x > 0)  => false
  [0,1].exists(x, 1/x == 1)  => true
  [0].exists(x, 1/x == 1)  => ? division by zero
  [1,2].exists_one(x, 1/(x-1) == 1)  => ? division by zero
  [[1,2],[3]].all(l, l.all(x, x > 0))  => true
  [1,2].map(x, [x, x].map(y, x + y))  => [[2, 2], [4, 4]]
`,
  )
  t.end()
})

t.test('operators, literals, types and errors with their position', (t) => {
  checkRows(
    t,
    String.raw`
  true || 1/0 > 0  => true
  1/0 > 0 || true  => true
  1/0 > 0 && false  => false
  false && 1/0 > 0  => false
  1/0 > 0 || false  => ? division by zero
  true ? 1 : 2  => 1
  1 == 1 ? 'a' : 'b'  => "a"
  dyn(1) || true  => true
  dyn(1) && true  => ? no such overload
  !false  => true
  !!true  => true
  --1  => 1
  - -1  => 1
  -(1)  => -1
  -1.5  => -1.5
  0x1F  => 31
  -0x1F  => -31
  1u + 2u  => 3u
  18446744073709551615u  => 18446744073709551615u
  18446744073709551616u  => ! 1:1: invalid int or uint literal: out of range
  9223372036854775808  => ! 1:1: invalid int or uint literal: out of range
  -9223372036854775808  => -9223372036854775808
  1.5e3  => 1500.0
  .5  => 0.5
  1.  => ! 1:3: Syntax error: unexpected '<EOF>'
  1e3  => 1000.0
  '\x41\u00e9\U0001F600\101\n'  => "Aé😀A\n"
  b'\x41\xff\101'  => bytes 41ff41
  b'é'  => bytes c3a9
  r'\d'  => "\\d"
  R"\d"  => "\\d"
  br'\d'  => bytes 5c64
  '''a  => ! 1:1: Syntax error: a string without an end
  b'''  => ! 1:1: Syntax error: a string without an end
  """a"b"""  => "a\"b"
  'a' 'b'  => ! 1:5: Syntax error: unexpected 'a literal'
  "\q"  => ! 1:1: unable to unescape string
  "\ud800"  => ! 1:1: invalid unicode code point
  'a\'b'  => "a'b"
  1 // comment  => 1
  [1,2,]  => [1, 2]
  {'a':1,}  => {"a": 1}
  [1,,2]  => ! 1:4: Syntax error: unexpected ','
  {'a'}  => ! 1:5: Syntax error: unexpected '}', expecting ':'
  a.b.c  => ! 1:1: undeclared reference to 'a' (in container '')
  foo(1)  => ! 1:1: undeclared reference to 'foo' (in container '')
  'a'.foo()  => ! 1:4: undeclared reference to 'foo' (in container '')
  'a' + 1  => ! 1:5: found no matching overload for '_+_' applied to '(string, int)'
  1 + 1.0  => ! 1:3: found no matching overload for '_+_' applied to '(int, double)'
  1 - 1u  => ! 1:3: found no matching overload for '_-_' applied to '(int, uint)'
  [1] + ['a']  => ! 1:5: found no matching overload for '_+_' applied to '(list(int), list(string))'
  [1] + [2]  => [1, 2]
  'a' < 'b'  => true
  'z' > 'a😀'  => true
  '\U0001F600' > '\uffff'  => true
  b'a' < b'b'  => true
  true > false  => true
  [1] < [2]  => ! 1:5: found no matching overload for '_<_' applied to '(list(int), list(int))'
  1 < 2u  => true
  1u >= 1.5  => false
  -1 < 0u  => true
  1.0 == 1.0  => true
  dyn(1u) == 1  => true
  dyn('a') == 1  => false
  [1,2] == [1,2]  => true
  [1,2] == [2,1]  => false
  {'a':1} == {'a':1}  => true
  {'a':1} == {'a':1,'b':2}  => false
  [dyn(1)] == [1.0]  => true
  null == null  => true
  dyn(1) == null  => false
  1 in [1,2]  => true
  'a' in {'a':1}  => true
  3 in [1,2]  => false
  dyn(1.0) in [1,2]  => true
  dyn(1) in {1u: 2}  => true
  {1: 'a'}[1]  => "a"
  {1: 'a'}[dyn(1.0)]  => "a"
  {1: 'a'}[dyn(1u)]  => "a"
  [1,2][0]  => 1
  [1,2][-1]  => ? index out of bounds: -1
  {1.5: 2}  => {1.5: 2}
  {true: 1}[true]  => 1
  type(1) == int  => true
  type('a') == string  => true
  type([1]) == list  => true
  type({}) == map  => true
  type(null) == null_type  => true
  type(type(1)) == type  => true
  type(timestamp(0)) == google.protobuf.Timestamp  => true
  type(1.0) == double  => true
  type(1u) == uint  => true
  type(b'') == bytes  => true
  type(true) == bool  => true
  int == int  => true
  1 % 3  => 1
  -7 / 2  => -3
  -7 % 2  => -1
  5 / 2  => 2
  7.0 / 2.0  => 3.5
  1.0 / 0.0  => Infinity
  -1.0 / 0.0  => -Infinity
  0.0 / 0.0  => NaN
  1 - 9223372036854775807 - 3  => ? integer overflow
  9223372036854775807 * 2  => ? integer overflow
  -9223372036854775808 / -1  => ? integer overflow
  string(1.5)  => "1.5"
  string(true)  => "true"
  string(1u)  => "1"
  bytes('é')  => bytes c3a9
  string(b'abc')  => "abc"
  uint('5')  => 5u
  uint(1.9)  => 1u
  int('-5')  => -5
  int(1.9)  => 1
  int(1e30)  => ! 1:5: integer overflow
  double('1.5')  => 1.5
  double('inf')  => Infinity
  double('-Infinity')  => -Infinity
  double('NaN')  => NaN
  bool('true')  => true
  bool('T')  => true
  bool('yes')  => ! 1:6: type conversion error from 'string' to 'bool'
  size([1,2])  => 2
  size({'a':1})  => 1
  size(b'abc')  => 3
  [1,2].size()  => 2
  size(1)  => ! 1:1: found no matching overload for 'size' applied to '(int)'
  in  => ! 1:1: Syntax error: unexpected 'in'
  if  => ! 1:1: reserved identifier: if
  self  => ! 1:1: undeclared reference to 'self' (in container '')
  has(1)  => ! 1:1: invalid argument to has() macro
  has('a'.b)  => ! 1:8: type 'string' does not support field selection
  [1].all(1, true)  => ! 1:9: argument must be a simple name
  [1].all(x, 1)  => ! 1:12: expected type 'bool' but found 'int'
  [].all(x, x.foo)  => true
  [1].map(x, x.foo)  => ! 1:13: type 'int' does not support field selection
  x  => ! 1:1: undeclared reference to 'x' (in container '')
  {'a':1}.a.b  => ! 1:10: type 'int' does not support field selection
  dyn({'a':{'b':2}}).a.b  => 2
  has(dyn({'a':1}).a)  => true
  has(dyn({'a':1}).b)  => false
  [1].exists(x, y == 1)  => ! 1:15: undeclared reference to 'y' (in container '')
  ((((1))))  => 1
  1 == 2 == false  => true
  1 < 2 == true  => true
  2 + 3 * 4 - 1  => 13
  (2 + 3) * 4  => 20
  'a' in ['a'] && !('b' in ['a'])  => true
  1 ? 2 : 3  => ! 1:1: expected type 'bool' but found 'int'
  true ? 'a' : null  => ! 1:6: found no matching overload for '_?_:_' applied to '(bool, string, null)'
  true ? null : {'a':1}  => ! 1:6: found no matching overload for '_?_:_' applied to '(bool, null, map(string, int))'
  [null, 1]  => ! 1:8: expected type 'null' but found 'int'
  [1, null]  => ! 1:5: expected type 'int' but found 'null'
  [{'a':1}, {'b':'c'}]  => ! 1:11: expected type 'map(string, int)' but found 'map(string, string)'
  [{'a':1}, {'b':2}]  => [{"a": 1}, {"b": 2}]
  Foo{}  => ! 1:4: undeclared reference to 'Foo' (in container '')
  @x  => ! 1:1: Syntax error: token recognition error
  'unclosed  => ! 1:1: Syntax error: a string without an end
`,
  )
  t.end()
})

t.test('conversions, and constants that are folded', (t) => {
  checkRows(
    t,
    String.raw`
  string(1000000.0)  => "1e+06"
  string(123456789.0)  => "1.23456789e+08"
  string(1e21)  => "1e+21"
  string(0.00001)  => "1e-05"
  string(0.0001)  => "0.0001"
  string(1e20)  => "1e+20"
  string(1.5e300)  => "1.5e+300"
  int('+5')  => 5
  int('0x5')  => ! 1:5: type conversion error from 'string' to 'int'
  int(-1.9)  => -1
  double('0x1p3')  => ! 1:8: type conversion error from 'string' to 'double'
  double('1_0')  => ! 1:8: type conversion error from 'string' to 'double'
  int(9223372036854775807.0)  => ! 1:5: integer overflow
  timestamp('2020-01-01T00:00:00.123456789+02:00')  => 2019-12-31T22:00:00.123456789Z
  duration('1.5h')  => 5400000000000ns
  string(duration('-1.5s'))  => "-1.5s"
  int('abc')  => ! 1:5: type conversion error from 'string' to 'int'
  bool('x')  => ! 1:6: type conversion error from 'string' to 'bool'
  timestamp('x')  => ! 1:11: type conversion error from 'string' to 'timestamp'
  {'a':1}['b']  => ? no such key: b
  [1][3]  => ? index out of bounds: 3
  {1:2}[3]  => ? no such key: 3
  {true:2}[false]  => ? no such key: false
  {'a':1}.b  => ? no such key: b
  has({'a':1}.b)  => false
  9223372036854775807 + 1  => ? integer overflow
  1/0  => ? division by zero
  1%0  => ? modulus by zero
  uint(-1)  => ! 1:7: integer overflow
  0u - 1u  => ? unsigned integer overflow
  -(-9223372036854775807 - 1)  => ? integer overflow
  string(b'\xff')  => ! 1:8: invalid UTF-8 in bytes, cannot convert to string
  dyn(1) + dyn('a')  => ? no such overload
  dyn(1).foo  => ? no such overload
  type(1)  => int
  type(optional.of(1))  => optional_type
  'a' == null  => ! 1:5: found no matching overload for '_==_' applied to '(string, null)'
  [1, 'a']  => ! 1:5: expected type 'int' but found 'string'
  {'a': 1, 'a': 2}  => {"a": 2}
  1 == 1.0  => ! 1:3: found no matching overload for '_==_' applied to '(int, double)'
  1 < 1.5  => true
  dyn(1) == 1.0  => true
  1 in [1.0]  => ! 1:3: found no matching overload for '_in_' applied to '(int, list(double))'
  cel.bind(x, 1, x)  => ! 1:4: undeclared reference to 'bind' (in container '')
  'a'.matches('(')  => ! 1:13: invalid matches argument
  size('a')  => 1
  int(timestamp('1969-12-31T23:59:59.5Z'))  => -1
  true ? 1 : 'a'  => ! 1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'
  [] + [1]  => [1]
  1 +   => ! 1:5: Syntax error: unexpected '<EOF>'
  [1].map(x.y, 1)  => ! 1:10: argument must be a simple name
`,
  )
  t.end()
})
