import { requiredField, type FieldError } from '../../machinery/field-error.ts'
import { object, type Infer } from '../../machinery/schema/builder.ts'
import type { StoreScope } from '../provider.ts'
import { referent } from '../selector-rules.ts'
import { secretKey, serviceAccount } from '../selectors.ts'

/** How every spec says who we are to AWS. */
export const awsAuthFields = {
  secretRef: object('With static credentials.', {
    accessKeyIDSecretRef: secretKey('The Secret key that holds the access key ID.'),
    secretAccessKeySecretRef: secretKey('The Secret key that holds the secret access key.'),
    sessionTokenSecretRef: secretKey('The Secret key that holds the session token of temporary credentials.'),
  }),
  jwt: object('With the IAM role of a ServiceAccount; stores take it before secretRef, generators after.', {
    serviceAccountRef: serviceAccount('The ServiceAccount that is annotated with the role.'),
  }),
}

export const awsAuth = object("How to log in; without it, with the process's own identity.", awsAuthFields)

export type AwsAuth = Infer<typeof awsAuth>

/** `field` is where they stand in the spec. */
export function awsAuthErrors({ jwt, secretRef }: AwsAuth, field: string, store: StoreScope): FieldError[] {
  const account = `${field}.jwt.serviceAccountRef`
  if (jwt !== undefined && jwt.serviceAccountRef === undefined) return [requiredField(account)]
  const keys = ['accessKeyIDSecretRef', 'secretAccessKeySecretRef', 'sessionTokenSecretRef'] as const
  return [
    ...referent(jwt?.serviceAccountRef, account, store),
    ...keys.flatMap((key) => referent(secretRef?.[key], `${field}.secretRef.${key}`, store)),
  ]
}
