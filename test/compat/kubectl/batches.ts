import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { externalSecret } from './manifests.ts'

/** Whole files, folders and sets at once, tried out and for real. */
export const batchChecks: readonly Check[] = [
  [
    'folders are created, applied and deleted as they stand',
    async (t, kubectl) => {
      const folder = join(kubectl.home, 'folder')
      mkdirSync(join(folder, 'deeper'), { recursive: true })
      for (const name of ['a', 'b', 'deeper/c']) {
        writeFileSync(join(folder, `${name}.yaml`), externalSecret('v1', `file-${name.slice(-1)}`))
      }
      t.match(await kubectl.ok(`create -R -f ${folder}`), /file-a created\n.*file-b created\n.*file-c created\n/)
      t.match(await kubectl.refused('create', '-f', join(folder, 'a.yaml')), /"file-a" already exists/)
      t.match(
        await kubectl.ok(`apply -R -f ${folder}`),
        /file-a configured\n.*file-b configured\n.*file-c configured\n/,
      )
      t.match(await kubectl.ok(`get -R -f ${folder} -o name`), /file-a\n.*file-b\n.*file-c\n$/)
      t.match(await kubectl.ok(`replace --force -f ${join(folder, 'a.yaml')}`), /file-a" deleted[^]*file-a replaced/)
      t.match(await kubectl.ok(`delete -R -f ${folder}`), /file-a" deleted[^]*file-b" deleted[^]*file-c" deleted/)
      t.equal(await kubectl.ok(`delete -R -f ${folder} --ignore-not-found`), '')
    },
  ],
  [
    'apply -k makes what a kustomization says',
    async (t, kubectl) => {
      const folder = join(kubectl.home, 'kustomized')
      mkdirSync(folder)
      writeFileSync(join(folder, 'one.yaml'), externalSecret('v1', 'one'))
      const labels = 'labels: [{pairs: {via: kustomize}}]'
      writeFileSync(join(folder, 'kustomization.yaml'), `resources: [one.yaml]\nnamePrefix: k-\n${labels}\n`)
      t.match(await kubectl.ok(`apply -k ${folder}`), /k-one created/)
      t.match(await kubectl.ok('get es -n demo -l via=kustomize -o name'), /k-one/)
      t.match(await kubectl.ok(`delete -k ${folder}`), /k-one" deleted/)
    },
  ],
  [
    'a list of objects is applied, and pruned by what it no longer holds',
    async (t, kubectl) => {
      const list = (...names: readonly string[]): string =>
        names
          .map((name) => externalSecret('v1', name).replace('metadata: {', 'metadata: {labels: {set: x}, '))
          .join('---')
      await kubectl.ok('apply -f -', list('kept', 'pruned'))
      const words = 'apply --prune -l set=x --prune-allowlist=external-secrets.io/v1/ExternalSecret -n demo -f -'
      t.match(await kubectl.ok(words, list('kept')), /kept unchanged[^]*pruned pruned/)
      const env = { KUBECTL_APPLYSET: 'true' }
      const inSet = ['apply', '-n', 'demo', '--prune', '--applyset=set', '--force-conflicts=false', '-f', '-']
      const made = await kubectl.run(inSet, { env, input: list('kept', 'second') })
      t.equal(made.code, 0, made.stderr)
      const pruned = await kubectl.run(inSet, { env, input: list('kept') })
      t.match(pruned.stdout, /kept unchanged[^]*second pruned/)
      await kubectl.ok('delete es kept -n demo')
    },
  ],
  [
    'dry runs tell what would be and leave nothing',
    async (t, kubectl) => {
      for (const dryRun of ['server', 'client']) {
        const applied = await kubectl.ok(`apply --dry-run=${dryRun} -f -`, externalSecret('v1', 'dry'))
        t.match(applied, dryRun === 'server' ? /dry created \(server dry run\)/ : /dry created \(dry run\)/)
        await kubectl.ok(`create secret generic dry -n demo --from-literal=a=b --dry-run=${dryRun}`)
        await kubectl.ok(`delete es one -n demo --dry-run=${dryRun}`)
        await kubectl.ok(`label es one -n demo dry=run --dry-run=${dryRun}`)
      }
      t.equal(await kubectl.ok('get es,secret dry -n demo --ignore-not-found -o name'), '')
      t.equal(await kubectl.ok('get es one -n demo -o jsonpath={.metadata.labels.dry}'), '')
      t.match(
        await kubectl.refused('create', 'ns', 'Bad_name', '--dry-run=server'),
        /"Bad_name" is invalid: metadata\.name/,
      )
    },
  ],
  [
    '--validate decides what becomes of unknown fields',
    async (t, kubectl) => {
      const typo = externalSecret('v1', 'typo').replace('refreshInterval', 'refreshIntervall')
      const apply = (how: string) => kubectl.run(['apply', `--validate=${how}`, '-f', '-'], { input: typo })
      t.match(await apply('strict'), { code: 1, stderr: /unknown field "spec\.refreshIntervall"/ })
      t.match(await apply('warn'), { code: 0, stderr: /Warning: unknown field "spec\.refreshIntervall"/ })
      await kubectl.ok('delete es typo -n demo')
      t.match(await apply('ignore'), { code: 0, stderr: '' })
      t.equal(await kubectl.ok('get es typo -n demo -o jsonpath={.spec.refreshIntervall}'), '')
      await kubectl.ok('delete es typo -n demo')
    },
  ],
  [
    'diff --server-side shows what an apply would change, and whose it is',
    async (t, kubectl) => {
      await kubectl.ok('apply --server-side -f -', externalSecret('v1', 'differs'))
      const words = ['diff', '--server-side', '-f', '-']
      const changed = externalSecret('v1', 'differs').replace('1h', '2h')
      t.match(await kubectl.run(words, { input: externalSecret('v1', 'differs') }), { code: 0, stdout: '' })
      t.match(await kubectl.run(words, { input: changed }), {
        code: 1,
        stdout: /-  refreshInterval: 1h\n\+  refreshInterval: 2h/,
      })
      const other = await kubectl.run([...words, '--field-manager=other'], { input: changed })
      t.match(other.stderr, /conflict with "kubectl".*: \.spec\.refreshInterval/)
    },
  ],
  [
    'labels and annotations are set on all, listed, and never overwritten unasked',
    async (t, kubectl) => {
      await kubectl.ok('label es --all -n demo all=yes')
      t.equal(await kubectl.ok('get es -n demo -l all!=yes -o name'), '')
      t.match(await kubectl.ok('label es one -n demo --list'), /all=yes/)
      await kubectl.ok('annotate es -l all=yes -n demo listed=too')
      t.match(await kubectl.ok('annotate es one -n demo --list'), /listed=too/)
      t.match(await kubectl.refused('label', 'es', 'one', '-n', 'demo', 'all=no'), /already has a value/)
      const stale = ['label', 'es', 'one', '-n', 'demo', 'all=no', '--overwrite', '--resource-version=1']
      t.match(await kubectl.refused(...stale), /the object has been modified/)
    },
  ],
  [
    'objects are deleted by selector and all together',
    async (t, kubectl) => {
      await kubectl.ok('label es two -n demo app=gone --overwrite')
      t.match(
        await kubectl.ok('delete es -l app=gone -n demo'),
        /^externalsecret\.external-secrets\.io "two" deleted.*\n$/,
      )
      t.match(await kubectl.ok('delete es --all -n demo --wait=false'), /"one" deleted/)
      t.equal(await kubectl.ok('get es -n demo -o name'), '')
      t.match(await kubectl.ok('get secret -n demo left -o name'), /left/)
    },
  ],
  [
    'namespaces that everything counts on cannot be deleted',
    async (t, kubectl) => {
      const says = await kubectl.refused('delete', 'namespace', 'default')
      t.match(says, /namespaces "default" is forbidden: this namespace may not be deleted/)
    },
  ],
  [
    'deleting a namespace empties it',
    async (t, kubectl) => {
      await kubectl.ok('delete namespace demo --timeout=20s')
      t.equal(await kubectl.ok('get es -A -o name'), '')
      const gone = await kubectl.run(['get', 'namespace', 'demo'])
      t.match(gone.stderr, /namespaces "demo" not found/)
    },
  ],
]
