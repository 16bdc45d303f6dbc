import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { namesIn, patch } from '../../conformance/ask.ts'
import { expectObject } from '../../conformance/expect.ts'
import type { Scene } from '../../conformance/scene.ts'
import type { Json } from '../../support/api-client.ts'
import { type Kubectl, lineMatching } from '../../support/kubectl.ts'

/** What people do with kubectl all day, in words that every version of it since 1.20 knows. */
export async function dailyWork(kubectl: Kubectl, scene: Scene): Promise<void> {
  const { namespace, api, widgets } = scene
  const at = `-n ${namespace}`
  const manifest = (name: string, spec: object): string =>
    JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace }, spec })
  const stored = async (): Promise<Json> => expectObject(await api.get(`${widgets}/x`))

  assert.match(await kubectl.ok('apply -f -', manifest('x', { size: 1 })), /widget.example.com\/x created/)
  assert.match(await kubectl.ok('apply -f -', manifest('x', { size: 1 })), /x unchanged/)
  await seesAChange(kubectl, namespace)
  await kubectl.ok(`annotate wd x ${at} note=hello`)
  await kubectl.ok(`patch wd x ${at} --type=json -p [{"op":"replace","path":"/spec/size","value":2}]`)
  await kubectl.ok(`patch wd x ${at} --type=merge -p {"spec":{"owner":"ann"}}`)
  await edits(kubectl, namespace)
  const { metadata, spec } = await stored()
  assert.equal(metadata?.['annotations']?.['note'], 'hello')
  assert.deepEqual(spec, { size: 2, owner: 'bob' })

  const object = await kubectl.ok(`get wd x ${at} -o json`)
  assert.match(await kubectl.ok('replace -f -', object.replace('"size": 2', '"size": 3')), /replaced/)
  const diff = await kubectl.run(['diff', '-f', '-'], { input: manifest('x', { size: 4 }) })
  assert.equal(diff.code, 1, diff.stderr)
  assert.match(diff.stdout, /^-\s+size: 3\n\+\s+size: 4$/m)
  await serverSideApplies(kubectl, manifest)

  const waiting = kubectl.ok(`wait wd/x ${at} --for=condition=Ready --timeout=60s`)
  await patch.merge(api, `${widgets}/x/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } })
  assert.match(await waiting, /x condition met/)
  await deletes(kubectl, scene)
  assert.deepEqual(namesIn(expectObject(await api.get(widgets))), ['applied'])
}

async function seesAChange(kubectl: Kubectl, namespace: string): Promise<void> {
  const path = 'jsonpath={.metadata.labels.seen}{"\\n"}'
  const watching = kubectl.start(['get', 'wd', '-n', namespace, '-w', '-o', path])
  try {
    const seen = lineMatching(watching, /^live$/)
    await Promise.all([seen, kubectl.ok(`label wd x -n ${namespace} seen=live`)])
  } finally {
    watching.kill()
  }
}

async function edits(kubectl: Kubectl, namespace: string): Promise<void> {
  const editor = join(kubectl.home, 'editor.sh')
  writeFileSync(editor, '#!/bin/sh\nsed -i "s/owner: ann/owner: bob/" "$1"\n')
  chmodSync(editor, 0o755)
  const edited = await kubectl.run(['edit', 'wd', 'x', '-n', namespace], { env: { KUBE_EDITOR: editor } })
  assert.equal(edited.code, 0, edited.stderr)
}

async function serverSideApplies(kubectl: Kubectl, manifest: (name: string, spec: object) => string): Promise<void> {
  await kubectl.ok('apply --server-side --field-manager=first -f -', manifest('applied', { size: 1 }))
  const second = ['apply', '--server-side', '--field-manager=second', '-f', '-']
  const input = manifest('applied', { size: 2 })
  const conflict = await kubectl.run(second, { input })
  assert.equal(conflict.code, 1)
  assert.match(conflict.stderr, /conflicts? with "first"[^]*\.spec\.size/)
  const forced = await kubectl.run([...second, '--force-conflicts'], { input })
  assert.equal(forced.code, 0, forced.stderr)
}

/** Each cascade, and somebody who waits for the end. */
async function deletes(kubectl: Kubectl, { namespace, api, widgets }: Scene): Promise<void> {
  const at = `-n ${namespace}`
  await patch.merge(api, `${widgets}/x`, { metadata: { finalizers: ['example.com/hold'] } })
  assert.match(await kubectl.ok(`delete wd x ${at} --cascade=background --wait=false`), /"x" deleted/)
  const waiting = kubectl.start(`wait wd/x ${at} --for=delete --timeout=60s -v=6`.split(' '))
  const ended = once(waiting, 'close')
  for await (const line of createInterface({ input: waiting.stderr ?? Readable.from([]) })) {
    if (line.includes('watch=true')) break
  }
  await patch.merge(api, `${widgets}/x`, { metadata: { finalizers: null } })
  assert.deepEqual(await ended, [0, null])
  const body = (name: string): string =>
    JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace } })
  for (const cascade of ['foreground', 'orphan']) {
    await kubectl.ok('create -f -', body(cascade))
    await kubectl.ok(`delete wd ${cascade} ${at} --cascade=${cascade} --timeout=120s`)
  }
}
