import t from 'tap'
import { invalidField, requiredField } from './field-error.ts'
import { negotiate } from './media-type.ts'
import type { StatusError } from './status.ts'
import { isStatusReason } from './status.ts'
import * as errors from './status-errors.ts'

const widgets = { group: 'example.com', resource: 'widgets' }
const widget = { group: 'example.com', kind: 'Widget' }
const body = (error: StatusError): string => JSON.stringify(errors.statusOf(error))

t.test('the bodies are literally those of kube-apiserver', (t) => {
  const head = '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":'
  const details = '"details":{"name":"a","group":"example.com","kind":"widgets"}'
  const fieldErrors = [
    invalidField('spec.size', 0, 'must be positive'),
    requiredField('spec.owner'),
    requiredField('spec.owner'),
  ]
  const cases = [
    [
      errors.notFound(widgets, 'a'),
      `"widgets.example.com \\"a\\" not found","reason":"NotFound",${details},"code":404}`,
    ],
    [
      errors.notFound({ group: '', resource: 'pods' }, 'a'),
      '"pods \\"a\\" not found","reason":"NotFound","details":{"name":"a","kind":"pods"},"code":404}',
    ],
    [
      errors.unknownPath(),
      '"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}',
    ],
    [
      errors.invalid(widget, 'a', fieldErrors),
      '"Widget.example.com \\"a\\" is invalid: [spec.size: Invalid value: 0: must be positive, spec.owner: Required value]","reason":"Invalid","details":{"name":"a","group":"example.com","kind":"Widget","causes":[{"reason":"FieldValueInvalid","message":"Invalid value: 0: must be positive","field":"spec.size"},{"reason":"FieldValueRequired","message":"Required value","field":"spec.owner"}]},"code":422}',
    ],
    [
      errors.invalid({ group: '', kind: '' }, '', [requiredField('')]),
      '" \\"\\" is invalid: <nil>: Required value","reason":"Invalid","details":{"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"<nil>"}]},"code":422}',
    ],
    [
      errors.modifiedConflict(widgets, 'a'),
      `"Operation cannot be fulfilled on widgets.example.com \\"a\\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict",${details},"code":409}`,
    ],
    [
      errors.forbidden(
        widgets,
        'a',
        'User "alice" cannot get resource "widgets" in API group "example.com" in the namespace "default"',
      ),
      `"widgets.example.com \\"a\\" is forbidden: User \\"alice\\" cannot get resource \\"widgets\\" in API group \\"example.com\\" in the namespace \\"default\\"","reason":"Forbidden",${details},"code":403}`,
    ],
    [
      errors.forbiddenPath('<a>', { verb: 'get', path: '/x' }),
      '"forbidden: User \\"&lt;a&gt;\\" cannot get path \\"/x\\"","reason":"Forbidden","details":{},"code":403}',
    ],
    [errors.unauthorized(), '"Unauthorized","reason":"Unauthorized","code":401}'],
    [
      errors.resourceVersionTooLarge('900', '120'),
      '"Timeout: Too large resource version: 900, current: 120","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}',
    ],
    [
      errors.verbNotSupported(widgets, 'patch'),
      '"patch is not supported on resources of kind \\"widgets.example.com\\"","reason":"MethodNotAllowed","details":{"group":"example.com","kind":"widgets"},"code":405}',
    ],
    [
      errors.internalError('x'),
      '"Internal error occurred: x","reason":"InternalError","details":{"causes":[{"message":"x"}]},"code":500}',
    ],
    [
      errors.serverTimeout(widgets, 'get'),
      '"The get operation against widgets.example.com could not be completed at this time, please try again.","reason":"ServerTimeout","details":{"name":"get","group":"example.com","kind":"widgets","retryAfterSeconds":2},"code":500}',
    ],
    [
      errors.requestEntityTooLarge('limit is 3145728'),
      '"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413}',
    ],
  ] as const
  for (const [error, rest] of cases) t.equal(body(error), head + rest)
  t.end()
})

t.test('a body read back is the error it was', (t) => {
  const error = errors.nameNotGenerated(widgets, 'a')
  const again = errors.statusErrorOf(errors.statusOf(error), 500)
  t.equal(body(again), body(error))
  t.ok(isStatusReason(again, 'AlreadyExists'))
  t.match(errors.statusErrorOf({ reason: 'Odd' }, 502), {
    code: 502,
    reason: '',
    message: 'the server answered with code 502',
  })
  t.end()
})

t.test('Accept headers of real clients', (t) => {
  const json = { mediaType: 'application/json' }
  const table =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
  const metadata =
    'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
  const cases = [
    [undefined, json],
    ['', json],
    ['*/*', json],
    ['application/json, */*', json],
    [table, { ...json, as: { kind: 'Table', version: 'v1' } }],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', { ...json, as: { kind: 'Table', version: 'v1beta1' } }],
    [metadata, { ...json, as: { kind: 'PartialObjectMetadata', version: 'v1' } }],
    ['application/json;q=0.9,application/cbor;q=1', json],
    ['application/vnd.kubernetes.protobuf,application/json', json],
    ['application/vnd.kubernetes.protobuf', undefined],
    ['text/html, */*;q=0.1', json],
    ['application/yaml', { mediaType: 'application/yaml' }],
    ['application/json;q=0.1, application/yaml', { mediaType: 'application/yaml' }],
    ['*/*, application/yaml', { mediaType: 'application/yaml' }],
    ['application/json;charset=utf-8', json],
    ['application/json;pretty=1', { ...json, isPretty: true }],
    ['application/json;as=Odd;g=meta.k8s.io;v=v1', undefined],
    ['application/json;as=Odd;g=meta.k8s.io;v=v1,application/json', json],
    ['application/json;q=0', undefined],
    ['nonsense', undefined],
  ] as const
  for (const [header, expected] of cases) t.strictSame(negotiate(header), expected, String(header))
  t.equal(negotiate('application/yaml', 'watch'), undefined)
  t.strictSame(negotiate('application/json;stream=watch', 'watch'), json)
  t.end()
})
