import t from 'tap'
import { baseRights } from '../../test/manifests/allowed-rights.ts'
import { parseOptions } from '../options.ts'
import { neededRights } from './needed-rights.ts'

t.test('whatever the serving role of the manifests gives is what doctor asks for', async (t) => {
  const options = parseOptions(['--aggregated', '--service-namespace=external-secrets'], {})
  const versions = ['v1', 'v1beta1', 'v1alpha1', 'v1alpha1.generators'].map((each) => `${each}.external-secrets.io`)
  const needed = await neededRights(options, versions)
  const role = /^ClusterRole external-secrets-apiserver-api: (.*) ([^ /]+)\/([^ ]+)(?: named .*)?$/
  const given = baseRights.flatMap((line) => {
    const [, verbs = '', group = '', resource = ''] = role.exec(line) ?? []
    return verbs === ''
      ? []
      : verbs.split(', ').map((verb) => ({ verb, group: group === 'core' ? '' : group, resource }))
  })
  t.ok(given.length > 20)
  for (const { verb, group, resource } of given) {
    const isAsked = needed.some((one) => one.verb === verb && (one.group ?? '') === group && one.resource === resource)
    t.ok(isAsked, `${verb} ${resource}.${group}`)
  }
})
