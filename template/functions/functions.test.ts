import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { execute, parse } from '../template.ts'
import { allFunctions } from './all-functions.ts'
import { heavyCost, isVariadic } from './definition.ts'

const options = {
  clock: { now: () => 1_700_000_000_000, monotonic: () => 0 },
  random: (count: number) => randomBytes(count),
}

/** Text in and out is Latin-1, so that every byte counts. */
function rendered(source: string, values: Readonly<Record<string, string>> = {}): string {
  const data = new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'latin1')]))
  return Buffer.from(execute(parse(source, { name: 't' }), data, options)).toString('latin1')
}

t.test('LANGUAGE.md lists every function, and those that take long with a star', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '../../../template/LANGUAGE.md'), 'utf8')
  const table = text.slice(text.indexOf('| group | functions |'))
  const listed = [...table.matchAll(/`(\w+)`(\*?)/g)].map(([, name, star]) => `${name}${star}`)
  const known = Object.entries(allFunctions).map(([name, { cost }]) => `${name}${cost >= heavyCost ? '*' : ''}`)
  t.same(listed.sort(), known.sort())
  t.ok(
    Object.values(allFunctions).every(
      ({ parameters }) => isVariadic(parameters) || parameters.every((one) => !one.endsWith('...')),
    ),
  )
})

t.test("functions that Go's module does not have, or answers anew each time", async (t) => {
  const cases: readonly (readonly [string, string | RegExp])[] = [
    ['{{ hexdec "ff00fe" | b64enc }}', /^\/wD\+$/],
    ['{{ hexdec "0" }}|{{ hexdec "0g" }}', 'encoding/hex: odd length hex string|encoding/hex: invalid byte at 1'],
    [
      '{{ date "2006-01-02" now }} {{ now | unixEpoch }} {{ ago (now.AddDate 0 0 -1) }}',
      '2023-11-14 1700000000 24h0m0s',
    ],
    ['{{ htpasswd "u" "p" "sha" }}', 'u:{SHA}UWuXg/ylF+7L0dBk2i0WUxCxl1k='],
    ['{{ htpasswd "u" "p" "bcrypt" }}', /^u:\$2a\$10\$[./A-Za-z0-9]{53}$/],
    ['{{ htpasswd "u:x" "p" "sha" }}', 'invalid username: u:x'],
    ['{{ uuidv4 }}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['{{ randAlpha 9 }} {{ randNumeric 9 }} {{ randAlphaNum 9 }}', /^[A-Za-z]{9} [0-9]{9} [0-9A-Za-z]{9}$/],
    ['{{ randAscii 40 }}', /^[ -~]{40}$/],
    ['{{ randBytes 3 }}', /^[A-Za-z0-9+/]{4}$/],
    ['{{ randInt 3 4 }} {{ shuffle "aaa" }}', '3 aaa'],
    ['{{ encryptAES "k" "hi\\xff" | decryptAES "k" }}', 'hi\xff'],
    [
      '{{ toYaml (list 1 "a: b" "yes" "" nil (list) (dict "k" (list (dict "x" 1 "y" 2)))) }}',
      /^- 1\n- 'a: b'\n- "yes"\n- ""\n- null\n- \[\]\n- k:\n {2}- x: 1\n {4}"y": 2$/,
    ],
    ['{{ toYaml (dict "b" "l1\\nl2\\n" "a" 1.5 "n" "0123") }}', 'a: 1.5\nb: |\n  l1\n  l2\n"n": "0123"'],
    ['{{ fromYaml "a: [1, yes]\\nb: {c: 0x10}" | toJson }}', '{"a":[1,true],"b":{"c":16}}'],
    ['{{ (fromYaml "a: [").Error }}|{{ (fromYaml "- a").Error }}', 'the text is not YAML|the text is not a YAML map'],
  ]
  for (const [source, expected] of cases) {
    if (typeof expected === 'string') t.equal(rendered(source), expected, source)
    else t.match(rendered(source), expected, source)
  }
})

t.test('bcrypt is the one that others know', async (t) => {
  // From the reference implementation: a salt of its own, so that the answer is known.
  const salt = Buffer.from('10410410410410410410410410410410', 'hex')
  const { bcryptHash } = await import('./crypto/bcrypt.ts')
  t.equal(bcryptHash(Buffer.from('U*U'), salt, 5), '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')
})

const blocks = /-----BEGIN [\s\S]*?-----END [^\n]*\n/g

t.test('new keys and certificates are what node:crypto takes', async (t) => {
  for (const [type, kind] of [
    ['ecdsa', 'ec'],
    ['ed25519', 'ed25519'],
    ['dsa', 'dsa'],
  ] as const) {
    t.equal(createPrivateKey(rendered(`{{ genPrivateKey "${type}" }}`)).asymmetricKeyType, kind)
  }
  t.equal(rendered('{{ genPrivateKey "x" }}'), 'Unknown type x')
  const key = (namedCurve: string): string =>
    generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const source = `{{ $ca := genCAWithKey "My CA" 365 .ca }}
{{ $c := genSignedCertWithKey "leaf" (list "10.0.0.1" "2001:db8::1") (list "a.example") 30 $ca .key }}
{{ $c.Cert }}{{ $c.Key }}{{ $ca.Cert }}`
  const text = rendered(source, { ca: key('P-256'), key: key('P-256') })
  const [leafText = '', keyText = '', caText = ''] = text.match(blocks) ?? []
  const [leaf, ca] = [new X509Certificate(leafText), new X509Certificate(caText)]
  t.ok(leaf.verify(ca.publicKey) && leaf.checkIssued(ca) && leaf.checkPrivateKey(createPrivateKey(keyText)))
  t.ok(ca.ca && !leaf.ca)
  t.equal(Date.parse(leaf.validTo), 1_700_000_000_000 + 30 * 86_400_000)
  t.equal(rendered('{{ certSANs .c | join "," }}', { c: leafText }), 'a.example,10.0.0.1,2001:db8::1')
  t.equal(rendered('{{ filterCertChain "leaf" .c }}', { c: caText + leafText }), leafText)
  t.equal(rendered('{{ filterCertChain "root" .c }}', { c: caText + leafText }), caText)
  archives(t, { leafText, keyText, caText })
})

function archives(
  t: Pick<typeof import('tap').t, 'equal' | 'throws'>,
  { leafText, keyText, caText }: { readonly leafText: string; readonly keyText: string; readonly caText: string },
): void {
  const pkcs8 = createPrivateKey(keyText).export({ type: 'pkcs8', format: 'pem' }).toString()
  const values = { c: leafText, all: leafText + caText, k: keyText }
  t.equal(rendered('{{ pemToPkcs12 .c .k | b64dec | pkcs12key }}', values), pkcs8, 'an EC key comes back')
  t.equal(rendered('{{ pemToPkcs12 .all .k | b64dec | pkcs12cert }}', values), leafText, 'the first certificate only')
  t.equal(rendered('{{ fullPemToPkcs12Pass .all .k "pw" | b64dec | pkcs12certPass "pw" }}', values), leafText + caText)
  t.equal(rendered('{{ pemTruststoreToPKCS12Pass .c "pw" | b64dec | pkcs12certPass "pw" }}', { c: caText }), caText)
  t.throws(() => rendered('{{ fullPemToPkcs12Pass .all .k "pw" | b64dec | pkcs12certPass "no" }}', values), {
    message: /unable to decode pkcs12 certificate with password/,
  })
}

t.test('web keys and RSA are converted by node:crypto', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [secret, open] = [privateKey, publicKey].map((key) => JSON.stringify(key.export({ format: 'jwk' })))
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  t.equal(rendered('{{ jwkPrivateKeyPem .j }}', { j: secret ?? '' }), pkcs8)
  t.equal(
    rendered('{{ jwkPublicKeyPem .j }}', { j: open ?? '' }),
    createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }),
  )
  t.throws(() => rendered('{{ jwkPublicKeyPem .j }}', { j: secret ?? '' }), { message: /the web key is a private one/ })
  for (const [name, oaepHash] of [
    ['SHA1', 'sha1'],
    ['SHA256', 'sha256'],
    ['SHA512', 'sha512'],
  ] as const) {
    const plain = createHash('md5').update(name).digest()
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const sealed = publicEncrypt({ key: publicKey, padding, oaepHash }, plain).toString('latin1')
    t.equal(
      rendered(`{{ rsaDecrypt "RSA-OAEP" "${name}" .c .k | b64enc }}`, { c: sealed, k: pkcs8 }),
      plain.toString('base64'),
    )
  }
})
