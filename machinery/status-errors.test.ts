import t from 'tap'
import { invalidField, requiredField } from './field-error.ts'
import { negotiate } from './media-type.ts'
import type { StatusError } from './status.ts'
import { isStatusReason } from './status.ts'
import * as errors from './status-errors.ts'

const widgets = { group: 'example.com', resource: 'widgets' }
const widget = { group: 'example.com', kind: 'Widget' }
const body = (error: StatusError): string => JSON.stringify(errors.statusOf(error))

t.test('the bodies are literally those of kube-apiserver, their members in its order', (t) => {
  const details = { name: 'a', group: 'example.com', kind: 'widgets' }
  const required = { reason: 'FieldValueRequired', message: 'Required value' }
  const cases = [
    [errors.notFound(widgets, 'a'), 'widgets.example.com "a" not found', 'NotFound', details, 404],
    [
      errors.notFound({ group: '', resource: 'pods' }, 'a'),
      'pods "a" not found',
      'NotFound',
      { name: 'a', kind: 'pods' },
      404,
    ],
    [errors.unknownPath(), 'the server could not find the requested resource', 'NotFound', {}, 404],
    [
      errors.invalid(widget, 'a', [
        invalidField('spec.size', 0, 'must be positive'),
        requiredField('spec.owner'),
        requiredField('spec.owner'),
      ]),
      'Widget.example.com "a" is invalid: ' +
        '[spec.size: Invalid value: 0: must be positive, spec.owner: Required value]',
      'Invalid',
      {
        ...details,
        kind: 'Widget',
        causes: [
          { reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be positive', field: 'spec.size' },
          { ...required, field: 'spec.owner' },
        ],
      },
      422,
    ],
    [
      errors.invalid({ group: '', kind: '' }, '', [requiredField('')]),
      ' "" is invalid: <nil>: Required value',
      'Invalid',
      { causes: [{ ...required, field: '<nil>' }] },
      422,
    ],
    [
      errors.modifiedConflict(widgets, 'a'),
      'Operation cannot be fulfilled on widgets.example.com "a": the object has been modified; ' +
        'please apply your changes to the latest version and try again',
      'Conflict',
      details,
      409,
    ],
    [
      errors.forbidden(widgets, 'a', 'User "alice" cannot get resource "widgets" in API group "example.com"'),
      'widgets.example.com "a" is forbidden: User "alice" cannot get resource "widgets" in API group "example.com"',
      'Forbidden',
      details,
      403,
    ],
    [
      errors.forbiddenPath('<a>', { verb: 'get', path: '/x' }),
      'forbidden: User "&lt;a&gt;" cannot get path "/x"',
      'Forbidden',
      {},
      403,
    ],
    [errors.unauthorized(), 'Unauthorized', 'Unauthorized', undefined, 401],
    [
      errors.resourceVersionTooLarge('900', '120'),
      'Timeout: Too large resource version: 900, current: 120',
      'Timeout',
      {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
      504,
    ],
    [
      errors.verbNotSupported(widgets, 'patch'),
      'patch is not supported on resources of kind "widgets.example.com"',
      'MethodNotAllowed',
      { group: 'example.com', kind: 'widgets' },
      405,
    ],
    [errors.internalError('x'), 'Internal error occurred: x', 'InternalError', { causes: [{ message: 'x' }] }, 500],
    [
      errors.serverTimeout(widgets, 'get'),
      'The get operation against widgets.example.com could not be completed at this time, please try again.',
      'ServerTimeout',
      { ...details, name: 'get', retryAfterSeconds: 2 },
      500,
    ],
    [
      errors.requestEntityTooLarge('limit is 3145728'),
      'Request entity too large: limit is 3145728',
      'RequestEntityTooLarge',
      undefined,
      413,
    ],
  ] as const
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
  for (const [error, message, reason, expected, code] of cases) {
    t.equal(body(error), JSON.stringify({ ...head, message, reason, details: expected, code }))
  }
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
  const partial = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
  const metadata = `application/vnd.kubernetes.protobuf;${partial},application/json;${partial},application/json`
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
