/** Every way that the NetworkPolicies open, as `waysIn` says it: one more is a decision that is made here too. */
const label = 'app.kubernetes.io/name'
const apiName = 'external-secrets-apiserver'
const named = (name: string): string => JSON.stringify({ matchLabels: { [label]: name } })
const api = named(apiName)
const sync = named(`${apiName}-sync`)
const both = JSON.stringify({
  matchExpressions: [{ key: label, operator: 'In', values: [apiName, `${apiName}-sync`] }],
})
const dns = [
  JSON.stringify({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }),
  JSON.stringify({ ipBlock: { cidr: '169.254.20.10/32' } }),
].join(', ')

export const baseWays: readonly string[] = [
  // A rule that misses the control plane blocks the deletion of namespaces.
  `ingress of ${api}: TCP https, everybody`,
  `egress of ${both}: UDP 53, TCP 53, ${dns}`,
  `egress of ${both}: TCP 6443, everybody`,
]

const toProviders = `egress of ${both}: TCP 443, TCP 8200, everybody`

/** What the components add. */
export const componentWays: readonly string[] = [
  toProviders,
  `egress of ${api}: TCP 443, TCP 8443, TCP 9443, TCP 10250, ${JSON.stringify({ namespaceSelector: {} })}`,
  `ingress of ${sync}: TCP https, ` +
    JSON.stringify({ namespaceSelector: {}, podSelector: { matchLabels: { [label]: 'prometheus' } } }),
]

export const twoProcessesWays: readonly string[] = [
  ...baseWays,
  toProviders,
  `ingress of ${sync}: TCP https, {"podSelector":${api}}`,
  `egress of ${api}: TCP https, {"podSelector":${sync}}`,
]
