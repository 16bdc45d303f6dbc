import { randomBytes } from 'node:crypto'
import t from 'tap'
import { systemClock } from '../../base/clock.ts'
import type { Secret } from '../../kinds/core/secret/v1.ts'
import type { ExternalSecret, ExternalSecretSpec } from '../../kinds/external-secret/v1.ts'
import { hashOfData } from '../hash.ts'
import { DeletionBrake } from '../missing/deletion-brake.ts'
import { Sightings } from '../missing/sightings.ts'
import { type Plan, planSync, type Wanted } from '../plan.ts'
import { ParsedTemplates } from '../render/parsed-templates.ts'
import { renderTarget } from '../render/render.ts'
import { managerOf } from '../target/marks.ts'
import { dataOf } from '../target/secret-data.ts'

const engine = { clock: systemClock, random: randomBytes, templates: new ParsedTemplates() }

t.test('a target is made, taken over, left alone or refused', async (t) => {
  const externalSecret = anExternalSecret({})
  const data = new Map([['a', Buffer.from('v')]])
  const created = planned({ externalSecret, data })
  t.match(created, { action: 'create', object: { data: { a: 'dg==' }, metadata: { name: 'es', namespace: 'ns' } } })
  const current = (created as { object: Secret }).object
  t.same(planned({ externalSecret, data, current }), { action: 'none' }, 'the same again writes nothing')
  t.match(planned({ externalSecret, data: new Map([['b', Buffer.from('w')]]), current }), {
    action: 'update',
    object: { data: { b: 'dw==', a: undefined } },
  })
  const other = {
    apiVersion: 'external-secrets.io/v1beta1',
    kind: 'ExternalSecret',
    name: 'first',
    uid: 'x',
    controller: true,
  }
  const theirs = { ...current, metadata: { ...current.metadata, ownerReferences: [other] } }
  const refusal = { message: 'target is owned by another ExternalSecret' }
  t.match(planned({ externalSecret, data, current: theirs }), { action: 'refuse', refusal })
  const orphan = anExternalSecret({ target: { creationPolicy: 'Orphan' } })
  t.match(
    planned({ externalSecret: orphan, data, current: theirs }),
    { action: 'refuse', refusal },
    'whatever the policy',
  )
  const given = planned({ externalSecret: orphan, data, current })
  t.equal((given as { object: Secret }).object.metadata.ownerReferences, undefined, 'Orphan gives the Secret up')
  const again = { ...externalSecret, metadata: { ...externalSecret.metadata, uid: 'new' } }
  const taken = planned({ externalSecret: again, data, current })
  t.match(
    taken,
    { action: 'update', object: { metadata: { ownerReferences: [{ uid: 'new' }] } } },
    'made again under its name',
  )
  t.equal((taken as { object: Secret }).object.metadata.ownerReferences?.length, 1)
})

t.test('labels that the ExternalSecret lost go from its Secret, those of others stay', async (t) => {
  const externalSecret = anExternalSecret({})
  const current: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'es',
      namespace: 'ns',
      labels: { lost: '1', foreign: '1' },
      managedFields: [
        {
          manager: managerOf('es'),
          operation: 'Update',
          fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:lost': {} } } },
        },
      ],
    },
  }
  const plan = planned({ externalSecret, data: new Map([['a', Buffer.from('v')]]), current })
  const { labels } = (plan as { object: Secret }).object.metadata
  t.equal(labels?.['lost'], undefined)
  t.equal(labels?.['foreign'], '1')
})

t.test('a merged target keeps what others wrote, and loses what was ours and is not wanted any more', async (t) => {
  const manager = managerOf('es')
  const fields = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) })
  const current: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'es',
      namespace: 'ns',
      managedFields: [
        { manager, operation: 'Update', fieldsV1: fields('old', 'a') },
        { manager, operation: 'Apply', fieldsV1: fields('applied', 'shared') },
        { manager: 'kubectl', operation: 'Apply', fieldsV1: fields('theirs', 'shared') },
      ],
    },
    data: { old: 'MQ==', a: 'MQ==', applied: 'MQ==', shared: 'MQ==', theirs: 'MQ==', unclaimed: 'MQ==' },
  }
  const data = new Map([['a', Buffer.from('v')]])
  for (const creationPolicy of ['Merge', 'CreateOrMerge'] as const) {
    const plan = planned({ externalSecret: anExternalSecret({ target: { creationPolicy } }), data, current })
    const { object: secret } = plan as { object: Secret }
    t.same(secret.data, { a: 'dg==', shared: 'MQ==', theirs: 'MQ==', unclaimed: 'MQ==' }, creationPolicy)
    t.equal(secret.metadata.ownerReferences, undefined)
    t.match(secret.metadata.annotations, {
      'reconcile.external-secrets.io/data-hash': hashOfData(dataOf(secret)),
    })
  }
  const merge = anExternalSecret({ target: { creationPolicy: 'Merge' } })
  t.same(planned({ externalSecret: merge, data }), { action: 'absent' }, 'Merge makes no Secret')
  const createOrMerge = anExternalSecret({ target: { creationPolicy: 'CreateOrMerge' } })
  t.match(planned({ externalSecret: createOrMerge, data }), { action: 'create' })
  const owner = planned({ externalSecret: anExternalSecret({}), data, current })
  t.same((owner as { object: Secret }).object.data, { a: 'dg==' }, 'an owner has the whole Secret')
})

t.test('a sighting is confirmed by another one, for each entry', async (t) => {
  const sightings = new Sightings(10)
  t.equal(sightings.confirmableAt('u'), undefined)
  t.same(sightings.see('u', ['a'], 100), ['a'])
  t.same(sightings.see('u', ['a', 'b'], 105), ['b'], 'only what is new is told')
  t.equal(sightings.confirmableAt('u'), 115, 'the youngest decides')
  t.same(sightings.see('u', ['b'], 106), [])
  t.same(sightings.see('u', ['a', 'b'], 107), ['a'], 'what was there in between begins anew')
  t.equal(sightings.confirmableAt('u'), 117)
  sightings.forget('u')
  t.equal(sightings.confirmableAt('u'), undefined)
})

t.test('the brake goes on at a count or a percentage, and off when nobody asks any more', async (t) => {
  const asked = (brake: DeletionBrake, total: number, nowMs = 0): number =>
    Array.from({ length: 60 }, (_, index) => brake.allows(`u${index}`, total, nowMs)).filter(Boolean).length
  t.equal(asked(new DeletionBrake({ countMax: 0, percentMax: 0 }), 60), 60, 'switched off')
  t.equal(asked(new DeletionBrake({ countMax: 7, percentMax: 0 }), 60), 7)
  t.equal(asked(new DeletionBrake({ countMax: 50, percentMax: 10 }), 200), 20)
  t.equal(asked(new DeletionBrake({ countMax: 50, percentMax: 10 }), 10), 5, 'five are no mass')
  const brake = new DeletionBrake({ countMax: 1, percentMax: 0 })
  t.ok(brake.allows('a', 9, 0))
  t.ok(brake.allows('b', 9, 60_000), 'a minute later')
  t.notOk(brake.allows('c', 9, 60_001))
  t.notOk(brake.allows('c', 9, 600_000), 'time alone does not release it')
  brake.release('c')
  t.ok(brake.allows('d', 9, 600_000))
})

t.test('a foreign Secret is left alone, unless it says that it may be taken over', async (t) => {
  const data = new Map([['a', Buffer.from('v')]])
  const bare = (metadata: Secret['metadata'] = {}): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'es', namespace: 'ns', ...metadata },
    data: { theirs: 'MQ==' },
  })
  const controller = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'x', controller: true }
  const ours = { ...controller, apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'es' }
  const managed = { 'reconcile.external-secrets.io/managed': 'true' }
  const adopt = { annotations: { 'external-secrets.io/adopt': 'true' } }
  const wrote = [{ manager: managerOf('es'), operation: 'Update' as const, fieldsV1: {} }]
  type Row = readonly [string, NonNullable<ExternalSecretSpec['target']>['creationPolicy'], Secret, Plan['action']]
  const table: readonly Row[] = [
    ['without a mark', 'Owner', bare(), 'leave'],
    ['without a mark, orphaned', 'Orphan', bare(), 'leave'],
    ['merged into', 'Merge', bare(), 'update'],
    ['merged into or made', 'CreateOrMerge', bare(), 'update'],
    ['with its leave', 'Owner', bare(adopt), 'update'],
    ['with another word', 'Owner', bare({ annotations: { 'external-secrets.io/adopt': 'yes' } }), 'leave'],
    ['managed by some ExternalSecret', 'Owner', bare({ labels: managed }), 'update'],
    ['ours by its owner, the label lost', 'Owner', bare({ ownerReferences: [ours] }), 'update'],
    ['ours by who wrote it, the label lost', 'Orphan', bare({ managedFields: wrote }), 'update'],
    ['controlled by another', 'Orphan', bare({ labels: managed, ownerReferences: [controller] }), 'leave'],
    ['controlled by another, merged into', 'Merge', bare({ ownerReferences: [controller] }), 'leave'],
    ['controlled, with leave', 'Merge', bare({ ...adopt, ownerReferences: [controller] }), 'update'],
    ['controlled, with leave: two cannot', 'Owner', bare({ ...adopt, ownerReferences: [controller] }), 'refuse'],
  ]
  for (const [name, creationPolicy, current, action] of table) {
    const externalSecret = anExternalSecret({ target: creationPolicy ? { creationPolicy } : {} })
    t.equal(planned({ externalSecret, data, current, adoption: 'annotated' }).action, action, name)
  }
  const externalSecret = anExternalSecret({})
  t.equal(planned({ externalSecret, data, current: bare(), adoption: 'always' }).action, 'update', '--adopt=always')
})

t.test('an immutable target keeps its data', async (t) => {
  const data = new Map([['a', Buffer.from('new')]])
  const current = {
    ...(planned({ externalSecret: anExternalSecret({}), data: new Map() }) as { object: Secret }).object,
    immutable: true,
  }
  const plan = planned({ externalSecret: anExternalSecret({}), data, current })
  t.match(plan, { action: 'refuse', refusal: { message: 'could not update secret, target is immutable' } })
  const asked = anExternalSecret({ target: { immutable: true } })
  t.same(planned({ externalSecret: asked, data, current }), { action: 'none' }, 'asked for: left as it is')
})

function planned({
  data: values,
  ...rest
}: Omit<Wanted, 'content' | 'adoption'> &
  Partial<Pick<Wanted, 'adoption'>> & {
    data: Wanted['content']['data']
  }): Plan {
  const { externalSecret } = rest
  return planSync({
    adoption: 'always',
    ...rest,
    content: renderTarget({ externalSecret, values, documents: [], engine }),
  })
}

function anExternalSecret(spec: ExternalSecretSpec): ExternalSecret {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'es', namespace: 'ns', uid: 'u', generation: 1 },
    spec,
  }
}
