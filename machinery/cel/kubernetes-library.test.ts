import t from 'tap'
import { checkRows } from './conformance.ts'

t.test('URLs are taken apart as Go does', (t) => {
  checkRows(
    t,
    String.raw`
  url('https://example.com:80/path?k1=a&k2=b&k2=c#f').getScheme()  => "https"
  url('https://example.com:80/').getHost()  => "example.com:80"
  url('https://[::1]:80/').getHost()  => "[::1]:80"
  url('https://[::1]/').getHostname()  => "::1"
  url('https://example.com:80/').getHostname()  => "example.com"
  url('https://example.com:80/').getPort()  => "80"
  url('https://example.com/').getPort()  => ""
  url('https://example.com/path with spaces/').getEscapedPath()  => "/path%20with%20spaces/"
  url('https://example.com').getEscapedPath()  => ""
  url('https://example.com/p?k1=a&k2=b&k2=c').getQuery()  => {"k1": ["a"], "k2": ["b", "c"]}
  url('https://example.com/path?').getQuery()  => {}
  url('/absolute-path?a=%20b+c').getQuery()  => {"a": [" b c"]}
  url('relative')  => ? URL parse error during conversion from string
  isURL('relative')  => false
  isURL('https://a b.com')  => false
  isURL('../x')  => false
  isURL('https://example.com/%zz')  => false
  isURL('https:opaque')  => true
  isURL('https://a:b')  => false
  isURL('http://[::1')  => false
  isURL('*')  => true
  url('https://user:pw@host:1/p').getHost()  => "host:1"
  url('https://host/ä?x=1').getEscapedPath()  => "/%C3%A4"
  url('HTTPS://Host/A').getScheme()  => "https"
  url('//host/path').getHost()  => "host"
  url('//host/path').getEscapedPath()  => "/path"
  url('https://a/b') == url('https://a/b')  => true
  url('https://example.com/p?a=1;b=2&c=3').getQuery()  => {"c": ["3"]}
  url('https://example.com/a#b').getEscapedPath()  => "/a"
  url('https://a/b?x=1#c').getQuery()  => {"x": ["1"]}
  url('/a#b').getEscapedPath()  => "/a"
`,
  )
  t.end()
})

t.test('quantities are exact, and whole only where Kubernetes keeps them as such', (t) => {
  checkRows(
    t,
    String.raw`
  quantity('1Gi') == quantity('1024Mi')  => true
  quantity('50k').isGreaterThan(quantity('50M'))  => false
  quantity('1').isLessThan(quantity('2'))  => true
  quantity('200M').compareTo(quantity('0.2G'))  => 0
  quantity('50k').add(quantity('20')).asInteger()  => 50020
  quantity('50k').add(20).asInteger()  => 50020
  quantity('50k').sub(20000) == quantity('30k')  => true
  quantity('1.5').isInteger()  => false
  quantity('1.5').asInteger()  => ? cannot convert value to integer
  quantity('1500m').asApproximateFloat()  => 1.5
  quantity('10000000000000000000').asInteger()  => ? cannot convert value to integer
  quantity('1e3').asInteger()  => 1000
  quantity('1E3').asInteger()  => 1000
  quantity('1E').asInteger()  => 1000000000000000000
  quantity('0.1Ki').asApproximateFloat()  => 102.4
  isQuantity('1.3Zi')  => false
  isQuantity('1.3Gi')  => true
  isQuantity('Three')  => false
  isQuantity('1.')  => true
  isQuantity('.5')  => true
  isQuantity('1e')  => false
  isQuantity('')  => false
  isQuantity('+1')  => true
  isQuantity('1 ')  => false
  isQuantity('1e+3')  => true
  isQuantity('1ki')  => false
  quantity('x')  => ? quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
  quantity('9E').asInteger()  => 9000000000000000000
  quantity('100E').asInteger()  => ? cannot convert value to integer
  quantity('100Ei').isInteger()  => false
  quantity('50000000G').asInteger()  => 50000000000000000
  quantity('1.5Gi').asInteger()  => ? cannot convert value to integer
  quantity('1000m').isInteger()  => false
  quantity('1k').isInteger()  => true
  quantity('1.5k').isInteger()  => true
  quantity('1.50k').asInteger()  => 1500
  quantity('0.5').add(quantity('0.5')).isInteger()  => false
  quantity('1Ki').asInteger()  => 1024
  quantity('1Gi').asInteger()  => 1073741824
  quantity('1Ti').asInteger()  => 1099511627776
  quantity('1Pi').isInteger()  => false
  quantity('100Gi').isInteger()  => true
  quantity('1000Gi').isInteger()  => true
  quantity('1000Ti').isInteger()  => false
  quantity('-1Gi').asInteger()  => -1073741824
  quantity('9223372036854775807').isInteger()  => false
  quantity('922337203685477580').isInteger()  => true
  quantity('1e2').isInteger()  => true
  quantity('1Ei').add(1).isInteger()  => false
  quantity('0').isInteger()  => true
  quantity('000001').isInteger()  => true
  quantity('1.0').isInteger()  => false
  sign(quantity('-5'))  => -1
`,
  )
  t.end()
})

t.test('addresses and networks know what they are and contain', (t) => {
  checkRows(
    t,
    String.raw`
  isIP('127.0.0.1')  => true
  isIP('127.0.0.01')  => false
  isIP('::1')  => true
  isIP('::ffff:1.2.3.4')  => false
  isIP('fe80::1%eth0')  => false
  isIP('300.1.1.1')  => false
  isIP('1.2.3')  => false
  ip('127.0.0.1').family()  => 4
  ip('::1').family()  => 6
  ip('::1').isLoopback()  => true
  ip('127.1.2.3').isLoopback()  => true
  ip('0.0.0.0').isUnspecified()  => true
  ip('224.0.0.1').isLinkLocalMulticast()  => true
  ip('ff02::1').isLinkLocalMulticast()  => true
  ip('169.254.1.1').isLinkLocalUnicast()  => true
  ip('fe80::1').isLinkLocalUnicast()  => true
  ip('192.168.0.1').isGlobalUnicast()  => true
  ip('255.255.255.255').isGlobalUnicast()  => false
  ip('224.0.0.1').isGlobalUnicast()  => false
  ip('2001:db8::1').isGlobalUnicast()  => true
  ip.isCanonical('127.0.0.1')  => true
  ip.isCanonical('2001:DB8::1')  => false
  ip.isCanonical('2001:db8:0:0::1')  => false
  ip.isCanonical('x')  => ? IP Address parse error during conversion from string
  string(ip('2001:DB8:0:0:0:0:0:1'))  => "2001:db8::1"
  string(ip('1:0:0:2:0:0:0:3'))  => "1:0:0:2::3"
  string(ip('0:0:1::'))  => "0:0:1::"
  string(ip('::'))  => "::"
  string(ip('1::'))  => "1::"
  string(ip('1:2:3:4:5:6:7:0'))  => "1:2:3:4:5:6:7:0"
  string(ip('::1.2.3.4'))  => "::102:304"
  ip('127.0.0.1') == ip('127.0.0.1')  => true
  ip('x')  => ? IP Address parse error during conversion from string
  isCIDR('10.0.0.0/8')  => true
  isCIDR('10.0.0.0/33')  => false
  isCIDR('::/0')  => true
  isCIDR('10.0.0.0')  => false
  isCIDR('10.0.0.0/08')  => false
  cidr('192.168.0.0/24').containsIP('192.168.0.5')  => true
  cidr('192.168.0.0/24').containsIP(ip('192.168.1.5'))  => false
  cidr('192.168.0.0/24').containsCIDR('192.168.0.0/25')  => true
  cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/23'))  => false
  cidr('192.168.0.5/24').masked() == cidr('192.168.0.0/24')  => true
  cidr('192.168.0.5/24').prefixLength()  => 24
  string(cidr('192.168.0.5/24').ip())  => "192.168.0.5"
  string(cidr('2001:db8::5/64').masked())  => "2001:db8::/64"
  cidr('x')  => ? network address parse error during conversion from string
  cidr('192.168.0.0/24').containsIP('::1')  => false
  cidr('192.168.0.5/24').containsCIDR('192.168.0.0/24')  => true
`,
  )
  t.end()
})

t.test('formats say what is wrong with a text', (t) => {
  checkRows(
    t,
    String.raw`
  format.named('dns1123Label').hasValue()  => true
  format.named('nope').hasValue()  => false
  format.dns1123Label().validate('my-label')  => none
  format.dns1123Subdomain().validate('a.b.c')  => none
  format.dns1035Label().validate('a1')  => none
  format.qualifiedName().validate('a.b/c')  => none
  format.dns1123LabelPrefix().validate('abc-')  => none
  format.dns1123LabelPrefix().validate('abc--')  => none
  format.dns1123SubdomainPrefix().validate('a.b-')  => none
  format.dns1123SubdomainPrefix().validate('a.b.-')  => none
  format.dns1035LabelPrefix().validate('a-')  => none
  format.labelValue().validate('')  => none
  format.uri().validate('http://x')  => none
  format.uri().validate('x')  => optional ["parse \"x\": invalid URI for request"]
  format.uuid().validate('123e4567-e89b-12d3-a456-426614174000')  => none
  format.uuid().validate('x')  => optional ["does not match the UUID format"]
  format.byte().validate('aGVsbG8=')  => none
  format.byte().validate('x y')  => optional ["invalid base64"]
  format.date().validate('2021-01-01')  => none
  format.date().validate('2021-13-01')  => optional ["invalid date"]
  format.datetime().validate('2021-01-01T00:00:00Z')  => none
  format.datetime().validate('x')  => optional ["invalid datetime"]
`,
  )
  t.end()
})

t.test('versions are those of semver.org', (t) => {
  checkRows(
    t,
    String.raw`
  semver('1.2.3').major()  => 1
  semver('1.2.3-alpha.1+b').minor()  => 2
  semver('1.2.3').isLessThan(semver('1.2.4'))  => true
  semver('1.2.3-a').compareTo(semver('1.2.3'))  => -1
  semver('1.2.3-1').compareTo(semver('1.2.3-a'))  => -1
  semver('1.2.3') == semver('1.2.3+x')  => true
  isSemver('1.2')  => false
  isSemver('v1.2.3')  => false
  isSemver('v1.2', true)  => true
  isSemver('v01.02', true)  => true
  semver('v1.0', true).patch()  => 0
  isSemver('1.2.3-01')  => false
  isSemver('hello', true)  => false
  isSemver('1.2-a', true)  => false
  isSemver('')  => false
  semver('x')  => ? Semver parse error during conversion from string
`,
  )
  t.end()
})
