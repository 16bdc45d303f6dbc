import { string, type Typed } from '../../machinery/schema/builder.ts'

const dnsPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

/** A name of an object: an RFC 1123 subdomain. */
export function objectName(description: string): Typed<string> {
  return string(description, { minLength: 1, maxLength: 253, pattern: dnsPattern })
}

/** A name of a namespace: an RFC 1123 label. */
export function namespaceName(description: string): Typed<string> {
  return string(description, { minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' })
}

/** A key of a Secret or a ConfigMap. */
export function dataKey(description: string): Typed<string> {
  return string(description, { minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$' })
}
