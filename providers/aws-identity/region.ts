/** The region becomes a label of the host that is called. */
export function isRegion(text: string): boolean {
  return /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/.test(text)
}

export const regionRule = 'must be an AWS region, such as eu-central-1'

/** China is a partition of its own. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}
