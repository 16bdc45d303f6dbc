import t from 'tap'
import { parseRequestInfo } from './request-info.ts'

/** verb, group, version, resource, subresource, namespace, name; a path that is no resource: verb and path alone. */
const cases: readonly (readonly [string, string])[] = [
  ['GET /', 'get /'],
  ['GET /apis', 'get /apis'],
  ['GET /apis/g', 'get /apis/g'],
  ['GET /apis/g/v', 'get /apis/g/v'],
  ['GET /apis/g/v/', 'get /apis/g/v/'],
  ['GET /api/v1', 'get /api/v1'],
  ['POST /healthz', 'post /healthz'],
  ['GET /openapi/v3/apis/g/v', 'get /openapi/v3/apis/g/v'],
  ['GET /apis/g/v/r', 'list g v r - - -'],
  ['GET /apis/g/v/r/', 'list g v r - - -'],
  ['GET /apis/g/v/r?watch=true', 'watch g v r - - -'],
  ['GET /apis/g/v/r?watch', 'watch g v r - - -'],
  ['GET /apis/g/v/r?watch=0', 'list g v r - - -'],
  ['GET /apis/g/v/r?watch=FALSE', 'list g v r - - -'],
  ['GET /apis/g/v/r?watch=no', 'watch g v r - - -'],
  ['POST /apis/g/v/r', 'create g v r - - -'],
  ['DELETE /apis/g/v/r', 'deletecollection g v r - - -'],
  ['PUT /apis/g/v/r', 'update g v r - - -'],
  ['OPTIONS /apis/g/v/r', ' g v r - - -'],
  ['HEAD /apis/g/v/r/n', 'get g v r - - n'],
  ['GET /apis/g/v/r/n', 'get g v r - - n'],
  ['GET /apis/g/v/r/n?watch=true', 'get g v r - - n'],
  ['PATCH /apis/g/v/r/n/status', 'patch g v r status - n'],
  ['GET /apis/g/v/namespaces/ns/r', 'list g v r - ns -'],
  ['GET /apis/g/v/namespaces/ns/r/n', 'get g v r - ns n'],
  ['PUT /apis/g/v/namespaces/ns/r/n/status', 'update g v r status ns n'],
  ['GET /apis/g/v/namespaces/ns/r/n/sub/more', 'get g v r sub ns n'],
  ['GET /api/v1/namespaces', 'list - v1 namespaces - - -'],
  ['GET /api/v1/namespaces/ns', 'get - v1 namespaces - ns ns'],
  ['PUT /api/v1/namespaces/ns/finalize', 'update - v1 namespaces finalize ns ns'],
  ['PUT /api/v1/namespaces/ns/status', 'update - v1 namespaces status ns ns'],
  ['GET /api/v1/namespaces/ns/secrets', 'list - v1 secrets - ns -'],
  ['GET /apis/g/v/watch/r', 'watch g v r - - -'],
  ['GET /apis/g/v/watch/namespaces/ns/r/n', 'watch g v r - ns n'],
  ['GET /apis/g/v/r?fieldSelector=metadata.name%3Dx', 'list g v r - - x'],
  ['GET /apis/g/v/r?watch=1&fieldSelector=metadata.name%3Dx,spec.a%3Db', 'watch g v r - - x'],
  ['GET /apis/g/v/r?fieldSelector=metadata.name!%3Dx', 'list g v r - - -'],
  ['GET /apis/g/v/r?fieldSelector=metadata.name%3D..', 'list g v r - - -'],
  ['GET /apis/g/v/r?fieldSelector=broken', 'list g v r - - -'],
  ['DELETE /apis/g/v/r?fieldSelector=metadata.name%3Dx', 'deletecollection g v r - - -'],
  ['GET /apis/g/v/r/a%20b', 'get g v r - - a b'],
  ['GET /apis/g/v/r/x%2Fstatus', 'get g v r - - x/status'],
  ['GET /apis/g/v/r/x%252F', 'get g v r - - x%2F'],
  ['GET /apis/g/v/r/%C3%BC', 'get g v r - - ü'],
]

t.test('the attributes of a request follow from method, path and query', async (t) => {
  for (const [line, expected] of cases) t.equal(shown(line), expected, line)
})

t.test('an encoded slash is no separator in the path that rules see', async (t) => {
  const info = parseRequestInfo('GET', '/healthz%2Fx/%61', new URLSearchParams())
  t.equal(info.path, '/healthz%2Fx/a')
})

t.test('a path that is no percent-encoded UTF-8 is refused', async (t) => {
  for (const path of ['/apis/g/v/r/%zz', '/apis/g/v/r/%ff', '/%']) {
    t.throws(() => parseRequestInfo('GET', path, new URLSearchParams()), { code: 400, reason: 'BadRequest' }, path)
  }
})

function shown(line: string): string {
  const [method = '', url = ''] = line.split(' ')
  const [path = '', search] = url.split('?')
  const info = parseRequestInfo(method, path, new URLSearchParams(search))
  if (!info.isResourceRequest) return `${info.verb} ${info.path}`
  const { verb, group, version, resource, subresource, namespace, name } = info
  return [verb, group || '-', version, resource, subresource || '-', namespace || '-', name || '-']
    .join(' ')
    .replace(/^- /, ' ')
}
