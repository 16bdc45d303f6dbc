import type { KubeObject } from '../../../machinery/object.ts'
import { array, boolean, type Infer, object, required, string } from '../../../machinery/schema/builder.ts'

export type ServiceAccount = KubeObject & Infer<typeof serviceAccountV1>

const localReference = object(
  'A Secret of the same namespace.',
  { name: string('The name of the Secret.', { default: '' }) },
  { 'x-kubernetes-map-type': 'atomic' },
)

const objectReference = object(
  'A Secret that pods of this account may use.',
  {
    apiVersion: string('The API version of the object.'),
    fieldPath: string('The part of the object.'),
    kind: string('The kind of the object.'),
    name: required(string('The name of the object.')),
    namespace: string('The namespace of the object.'),
    resourceVersion: string('The revision of the object.'),
    uid: string('The UID of the object.'),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const serviceAccountV1 = object('ServiceAccount is an identity that programs act as.', {
  automountServiceAccountToken: boolean('Whether pods of this account get its token as a file.'),
  imagePullSecrets: array('Credentials for image registries.', localReference, { 'x-kubernetes-list-type': 'atomic' }),
  secrets: array('Secrets that pods of this account may use.', objectReference, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }),
})
