import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectObject } from '../../conformance/expect.ts'
import type { Statement } from '../../conformance/statement.ts'
import { Kubectl } from '../../support/kubectl.ts'
import { findPeer, kubectlNames, peerPath } from '../../support/peers.ts'
import { dailyWork } from './daily-work.ts'
import type { World } from './world.ts'

/** 1.35 is what every other statement is played with. */
const versions = kubectlNames.filter((name) => name !== 'kubectl-v35')

/** What runs of people`s tools: each is the real program, through kube-apiserver. */
export function clients(world: World): readonly Statement[] {
  const { admin, cluster } = world
  return [
    ...versions.map((name): Statement => {
      const peer = findPeer(name)
      const about = {
        number: 205,
        sentence: `kubectl ${name.replace('kubectl-v', '1.')} does its daily work on widgets.`,
      }
      if ('reason' in peer) {
        const notYet = `${name} is not here: npm run peers -- --more-kubectls fetches it`
        return { ...about, notYet, play: () => Promise.reject(new Error(notYet)) }
      }
      return {
        ...about,
        play: async (scene) => {
          using kubectl = new Kubectl(peer.path, cluster.kubeconfig)
          await dailyWork(kubectl, scene)
        },
      }
    }),
    {
      number: 207,
      sentence: 'Helm 3 and 4 install, upgrade, roll back and uninstall a chart with a widget.',
      play: async ({ namespace, widgets }) => {
        const chart = join(world.kubectl.home, 'chart')
        mkdirSync(join(chart, 'templates'), { recursive: true })
        writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 0.1.0\n')
        writeFileSync(join(chart, 'templates/widget.yaml'), template)
        for (const helm of ['helm-v3', 'helm-v4'] as const) {
          const name = `of-${helm}`
          const run = (...words: readonly string[]): Promise<void> => {
            const where = ['--namespace', namespace, '--kubeconfig', cluster.kubeconfig]
            return succeeds(peerPath(helm), [...words, ...where], world.kubectl.home)
          }
          const sizes = async (): Promise<unknown> => {
            const { spec } = expectObject(await admin.get(`${widgets}/${name}`))
            return [spec?.['size'], spec?.['tags']]
          }
          await run('install', name, chart, '--set', 'size=1')
          assert.deepEqual(await sizes(), [1, ['one']])
          await run('upgrade', name, chart, '--set', 'size=2,more=two')
          assert.deepEqual(await sizes(), [2, ['one', 'two']])
          await run('rollback', name, '1')
          assert.deepEqual(await sizes(), [1, ['one']])
          await run('uninstall', name, '--wait')
          assert.equal((await admin.get(`${widgets}/${name}`)).status, 404)
        }
      },
    },
  ]
}

const template = `apiVersion: example.com/v1
kind: Widget
metadata: {name: {{ .Release.Name }}}
spec: {size: {{ .Values.size }}, tags: [one{{ with .Values.more }}, {{ . }}{{ end }}]}
`

async function succeeds(program: string, words: readonly string[], home: string): Promise<void> {
  const child = spawn(program, words, { env: { HOME: home, PATH: process.env['PATH'] ?? '' } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0, `${words.join(' ')}: ${said}`)
}
