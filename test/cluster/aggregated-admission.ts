import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { makeAuthority, makeLeaf } from '../../apiserver/certificates/authority.ts'
import { systemClock } from '../../base/clock.ts'
import type { KubeCluster } from '../support/kube-cluster/kube-cluster.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { until } from '../support/until.ts'

interface Parts {
  readonly cluster: KubeCluster
  readonly kubectl: Kubectl
}

/**
 * One policy and one webhook for both our kind and a custom resource, which kube-apiserver itself judges: the texts
 * have to be the same but for what the objects are called.
 */
export async function judgedByTheCluster(t: Test, { kubectl }: Parts): Promise<void> {
  await using hook = await openHook()
  await kubectl.ok('apply -f -', peerDefinition)
  await kubectl.ok('wait --for=condition=Established crd/peers.example.org --timeout=30s')
  await kubectl.ok('apply -f -', configurations(hook))

  const told = async (manifest: string): Promise<string> => {
    const { code, stderr } = await kubectl.run(['apply', '-f', '-', '--dry-run=server'], { input: manifest })
    return code === 0 ? `allowed ${stderr}`.trim() : stderr
  }
  const plain = (text: string): string => text.replace(/(?:externalsecrets|peers)(?:\.[a-z.-]+)?/g, 'R')
  for (const [name, message] of refusals) {
    const settled = async (manifest: string): Promise<string> => {
      let last = ''
      const isSettled = async (): Promise<boolean> => {
        last = await told(manifest)
        return message.test(last)
      }
      await until(isSettled).catch(() => undefined)
      return last
    }
    const [own, theirs] = [await settled(ours(name)), await settled(peer(name))]
    t.match(theirs, message, `${name}: kube-apiserver`)
    t.match(own, message, name)
    t.equal(withoutTemplate(plain(own)), withoutTemplate(plain(theirs)), `${name}: as kube-apiserver says it`)
  }
  await until(async () => (await told(ours('mutated'))).startsWith('allowed'))
  await kubectl.ok('apply -f -', ours('mutated'))
  const shown = await kubectl.run(['get', 'externalsecret', 'mutated', '-o', 'json'])
  t.match(JSON.parse(shown.stdout), { metadata: { labels: { policy: 'own', hook: 'own' } } }, 'both changed it')
  t.match(
    await told(ours('warned')),
    /Warning: Validation failed for ValidatingAdmissionPolicy 'names' with binding 'warns'/,
  )
}

/** By the name of the object, which is what everything here judges. */
const refusals: readonly (readonly [string, RegExp])[] = [
  ['forbidden-by-policy', /denied request: the name is bad: forbidden-by-policy/],
  ['forbidden-by-hook', /admission webhook "judge.example.com" denied the request: not this one/],
  ['unevaluable', /denied request: expression .* resulted in error: no such key: nothing/],
]

/** kubectl names the manifest differently for what is not there yet. */
function withoutTemplate(text: string): string {
  return text.replace(/^Error from server.*when creating "STDIN": /s, '').trim()
}

function ours(name: string): string {
  return `
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: ${name}, namespace: default}
spec:
  secretStoreRef: {name: fake, kind: SecretStore}
  refreshPolicy: OnChange
  data: [{secretKey: password, remoteRef: {key: /db}}]
`
}

function peer(name: string): string {
  return `{apiVersion: example.org/v1, kind: Peer, metadata: {name: ${name}, namespace: default}, spec: {}}`
}

const peerDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: peers.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Peer, plural: peers}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {color: {type: string}}}}}}
`

const rule = `{operations: [CREATE, UPDATE], apiGroups: [external-secrets.io, example.org], apiVersions: [v1],
  resources: [externalsecrets, peers]}`

function configurations({ port, caBundle }: Hook): string {
  const webhook = (path: string): string => `
- name: ${path}.example.com
  clientConfig: {url: "https://127.0.0.1:${port}/${path}", caBundle: ${caBundle}}
  rules: [${rule}]
  sideEffects: None
  admissionReviewVersions: [v1]`
  return `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: names}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  variables: [{name: name, expression: object.metadata.name}]
  validations:
  - expression: variables.name != 'forbidden-by-policy'
    messageExpression: "'the name is bad: ' + variables.name"
  - expression: variables.name != 'warned' && (variables.name != 'unevaluable' || object.spec.nothing == 'x')
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: denies}
spec:
  policyName: names
  validationActions: [Deny]
  matchResources: {excludeResourceRules: [{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'],
    resourceNames: [warned]}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: warns}
spec: {policyName: names, validationActions: [Warn]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: labels}
spec:
  matchConstraints: {resourceRules: [${rule}]}
  reinvocationPolicy: Never
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'policy': 'own'}}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: labels}
spec: {policyName: labels}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: change}
webhooks: ${webhook('change')}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: judge}
webhooks: ${webhook('judge')}
`
}

interface Hook extends AsyncDisposable {
  readonly port: number
  readonly caBundle: string
}

interface Review {
  readonly request: {
    readonly uid: string
    readonly name?: string
    readonly object?: { metadata: { labels?: object } }
  }
}

/** /change sets a label, /judge refuses a name. */
async function openHook(): Promise<Hook> {
  const now = systemClock.now()
  const validity = { fromMs: now - 60_000, untilMs: now + 3_600_000 }
  const authority = await makeAuthority('hook-ca', validity)
  const leaf = await makeLeaf(authority, { use: 'server', commonName: 'hook', hosts: ['127.0.0.1'], validity })
  const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(pieces).toString()) as Review
      const answer = request.url?.startsWith('/change') ? changed(review) : judged(review)
      const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ ...body, response: { uid: review.request.uid, ...answer } }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function changed({ request }: Review): object {
  const labels = { ...request.object?.metadata.labels, hook: 'own' }
  const patch = JSON.stringify([{ op: 'add', path: '/metadata/labels', value: labels }])
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') }
}

function judged({ request }: Review): object {
  const isAllowed = request.name !== 'forbidden-by-hook'
  return { allowed: isAllowed, ...(!isAllowed && { status: { message: 'not this one', code: 403 } }) }
}
