import type { RemoteSecret } from '../../providers/provider.ts'

/** So many properties are remembered; what more is asked of one secret is looked up each time. */
const propertiesMax = 32

/**
 * A remote secret for all who read it in a round: what it holds under a property is looked up once, and everybody gets
 * the same. Nobody may write to it.
 */
export function sharedSecret(secret: RemoteSecret): RemoteSecret {
  return {
    value: remembering((property) => secret.value(property)),
    entries: remembering((property) => secret.entries(property)),
    // With what is remembered, and what it is decoded to.
    sizeBytes: 3 * secret.sizeBytes,
  }
}

function remembering<V>(look: (property: string | undefined) => V): (property: string | undefined) => V {
  const known = new Map<string | undefined, V>()
  return (property) => {
    const before = known.get(property)
    if (before !== undefined) return before
    const found = look(property)
    if (known.size < propertiesMax) known.set(property, found)
    return found
  }
}
