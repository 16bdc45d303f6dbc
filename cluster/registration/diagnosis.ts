import { type ApiService, ownerOf, type ServiceReference } from './api-service.ts'

/** What is wrong and what helps, in plain words. */
export interface Diagnosis {
  readonly problem: string
  readonly remedy: string
}

export interface Examined {
  readonly found: ApiService | undefined
  readonly service: ServiceReference
  /** Of the authority that signs the serving certificate, where it is known. */
  readonly authorityPem?: string
}

/** Why an APIService does not lead to us; undefined when all is well. */
export function diagnose({ found, service, authorityPem }: Examined): Diagnosis | undefined {
  if (found === undefined) return diagnoses.notRegistered
  const owner = ownerOf(found, service)
  if (owner.owner === 'kube-apiserver') return diagnoses.definition
  if (owner.owner === 'another') return { ...diagnoses.another, problem: `it leads to the Service ${owner.service}` }
  const available = found.status?.conditions?.find(({ type }) => type === 'Available')
  if (available?.status !== 'True') {
    return unavailable(available?.reason ?? '', { message: available?.message ?? '', ...place(service) })
  }
  // Beside it may stand the one that follows.
  const isTrusted = authorityPem === undefined || pemOf(found.spec.caBundle).includes(authorityPem.trim())
  return isTrusted ? undefined : diagnoses.bundle
}

interface Circumstances {
  readonly message: string
  readonly at: string
}

/** By the reasons of kube-aggregator's availability controller. */
function unavailable(reason: string, { message, at }: Circumstances): Diagnosis {
  switch (reason) {
    case 'ServiceNotFound':
      return {
        problem: `the Service ${at} is not there`,
        remedy:
          'apply the manifests; when the server was removed on purpose, run uninstall: until the APIService is gone, ' +
          'no namespace of the cluster can be deleted',
      }
    case 'ServicePortError':
      return { problem: `the Service ${at} has no such port`, remedy: 'mend the Service, or --service-port' }
    case 'EndpointsNotFound':
    case 'MissingEndpoints':
      return {
        problem: `no pod behind the Service ${at} is ready`,
        remedy: 'look at the pod, its /readyz?verbose and its log; look whether the selector of the Service matches it',
      }
    case 'FailedDiscoveryCheck':
      return discoveryFailure(message)
    default:
      return {
        problem: 'kube-apiserver has not said yet whether it is available',
        remedy: 'ask again in half a minute; then look at the log of kube-apiserver',
      }
  }
}

/** The message quotes Go's errors; only what sort of error it is matters here. */
function discoveryFailure(message: string): Diagnosis {
  const [, diagnosis] = symptoms.find(([symptom]) => symptom.test(message)) ?? [undefined, diagnoses.unknown]
  return diagnosis
}

const diagnoses = {
  notRegistered: {
    problem: 'it is not registered',
    remedy: 'start the server: it registers itself when it is ready, unless --register-api-services=false',
  },
  definition: {
    problem: 'a CustomResourceDefinition has this group, and kube-apiserver keeps its APIService',
    remedy: 'the server never takes it over by itself: move the objects, then delete the definitions of the group',
  },
  another: {
    problem: '',
    remedy: 'remove the other server, or tell this one its Service by --service-name and --service-namespace',
  },
  bundle: {
    problem: 'its caBundle is not the authority in --data-dir',
    remedy: 'let the running server put it right; it looks at it every --certificate-check-interval',
  },
  certificate: {
    problem: 'the serving certificate does not match: kube-apiserver does not trust it, or it has another name',
    remedy: 'let the server keep caBundle right; see that --service-name and --service-namespace name the Service',
  },
  network: {
    problem: 'kube-apiserver cannot reach the server',
    remedy: 'open the way from the control plane to the port of the pod: firewall rules, NetworkPolicies, hostNetwork',
  },
  rights: {
    problem: 'the server refuses kube-apiserver itself',
    remedy: 'bind the Role extension-apiserver-authentication-reader of kube-system to it, and start it again',
  },
  starting: {
    problem: 'the server answers that it cannot serve yet',
    remedy: 'look at its /readyz?verbose and its log',
  },
  unknown: {
    problem: 'kube-apiserver asked the server what it serves, and that failed',
    remedy: 'the message of its condition Available says why: kubectl get apiservice NAME -o yaml',
  },
} as const satisfies Readonly<Record<string, Diagnosis>>

const symptoms: readonly (readonly [RegExp, Diagnosis])[] = [
  [/x509|certificate|tls:/i, diagnoses.certificate],
  [/refused|no route|timeout|deadline exceeded|i\/o|no such host|EOF|reset/i, diagnoses.network],
  [/\b40[13]\b|forbidden|unauthorized/i, diagnoses.rights],
  [/\b50\d\b|\b429\b/, diagnoses.starting],
]

function place({ namespace, name }: ServiceReference): { readonly at: string } {
  return { at: `${namespace}/${name}` }
}

function pemOf(bundle = ''): string {
  return Buffer.from(bundle, 'base64').toString()
}
