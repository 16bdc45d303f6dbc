import { FunctionFailure } from '../definition.ts'
import { type Certificate, certificateOf } from './certificate.ts'
import { pemBlocks, pemText } from './pem.ts'

/** From the leaf to the root: whose subject key identifier another's authority key identifier names, has signed it. */
export function chainOf(certificates: readonly Certificate[]): readonly Certificate[] {
  const parents = new Map<Certificate, Certificate>()
  for (const one of certificates) {
    const parent = certificates.find((other) => other !== one && names(one, other))
    if (parent) parents.set(one, parent)
  }
  const signers = new Set(parents.values())
  const leaves = certificates.filter((one) => !signers.has(one))
  if (leaves.length > 1) throw new FunctionFailure('found multiple leaf or disjunct certificates')
  const chain: Certificate[] = []
  for (let next = leaves[0]; next; next = parents.get(next)) {
    chain.push(next)
    if (chain.length > certificates.length) throw new FunctionFailure('constructing chain resulted in cycle')
  }
  if (chain.length === 0) throw new FunctionFailure('no leaf certificate found')
  return chain
}

/** A certificate without identifiers names nobody. */
function names({ authorityKeyId }: Certificate, { subjectKeyId }: Certificate): boolean {
  return authorityKeyId.length > 0 && authorityKeyId.equals(subjectKeyId)
}

/** Every block must be a certificate. */
export function certificatesIn(text: string): readonly Certificate[] {
  return pemBlocks(text).blocks.map(({ type, bytes }) => {
    const certificate = type === 'CERTIFICATE' ? certificateOf(bytes) : undefined
    if (!certificate) throw new FunctionFailure('a PEM block is not a certificate')
    return certificate
  })
}

export function certificatesText(certificates: readonly Certificate[]): string {
  return certificates.map(({ raw }) => pemText({ type: 'CERTIFICATE', bytes: raw })).join('')
}

/** The part of a chain that is called `leaf`, `intermediate` or `root`; of another name nothing. */
export function chainPart(kind: string, chain: readonly Certificate[]): readonly Certificate[] {
  const [leaf, ...others] = chain
  const last = chain.at(-1)
  const rootAt = others.findIndex(isRoot)
  switch (kind) {
    case 'leaf':
      return leaf && !isRoot(leaf) ? [leaf] : []
    case 'intermediate':
      return rootAt < 0 ? others : others.slice(0, rootAt)
    case 'root':
      return last && isRoot(last) ? [last] : []
    default:
      return []
  }
}

function isRoot({ authorityKeyId, subjectKeyId }: Certificate): boolean {
  return authorityKeyId.length === 0 || authorityKeyId.equals(subjectKeyId)
}
