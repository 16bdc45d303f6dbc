import { defineKind } from '../../../apiserver/registry/kind.ts'
import type { FieldError } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/object.ts'
import {
  array,
  boolean,
  described,
  type Infer,
  integer,
  object,
  required,
  string,
} from '../../../machinery/schema/builder.ts'
import { type ExternalSecretSpec, externalSecretSpec } from '../../external-secret/v1.ts'
import { specErrors } from '../../external-secret/validate.ts'
import { placeOn } from '../places.ts'
import { verbKind } from '../verb-kind.ts'

const from = object('What gave it.', {
  field: required(string('The entry or the template of the spec.')),
  property: string('The part of the remote secret.'),
  remoteKey: string('The name of the remote secret.'),
  storeKind: string('The kind of the store.'),
  storeName: string('The name of the store.'),
  version: string('The version of the remote secret that is asked for; the current one when absent.'),
})

const key = object('One key.', {
  from: required(from),
  hmac: required(
    string('HMAC-SHA256 of the value in hex, under a key that the server draws at its start: equal values look equal.'),
  ),
  key: required(string('Its name.')),
  sizeBytes: required(integer('How large its value is.', { format: 'int64' })),
  value: string('The value in base64, for those who may get externalsecrets/values.'),
})

const status = object('The answer.', {
  errors: array(
    'What is wrong.',
    object('One error.', {
      field: required(string('The part of the spec that it is about.')),
      message: required(string('What is wrong with it.')),
    }),
  ),
  fetched: array('What templates see, where there is a template.', key),
  keys: array('The keys of the target; none while something that they need could not be fetched.', key),
  targetName: required(string('The name of the Secret that would be written.')),
})

export type ExternalSecretPreviewStatus = Infer<typeof status>
export type PreviewedKey = Infer<typeof key>
export type PreviewOrigin = Infer<typeof from>

/** What an ExternalSecret would write, without writing anything. */
export const externalSecretPreview = defineKind(
  verbKind({
    kind: 'ExternalSecretPreview',
    plural: 'externalsecretpreviews',
    schema: object('ExternalSecretPreview asks what an ExternalSecret would write.', {
      hideValues: boolean('Leaves out values even for those who may see them.'),
      spec: described('The spec of an ExternalSecret; that of the stored one when absent.', externalSecretSpec),
      status,
    }),
    at: [placeOn('externalsecrets', 'preview')],
    validate: [{ name: 'preview', check: (object) => ({ errors: errorsOf(object) }) }],
  }),
)

/** What is wrong in a template is no reason to refuse the question: it is a part of the answer. */
function errorsOf(object: KubeObject): readonly FieldError[] {
  const spec = object['spec'] as ExternalSecretSpec | undefined
  return spec === undefined ? [] : specErrors(spec)
}
