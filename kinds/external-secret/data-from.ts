import { array, map, object, oneOf, required, string } from '../../machinery/schema/builder.ts'
import { sourceRef } from '../shared/source-ref.ts'
import { conversionStrategy, decodingStrategy, metadataPolicy, nullBytePolicy } from '../shared/strategies.ts'

/** Which remote value, and how it is read. */
export const remoteRef = object('Where a value lies at the provider.', {
  conversionStrategy,
  decodingStrategy,
  key: required(string('The name of the remote secret.')),
  metadataPolicy,
  nullBytePolicy,
  property: string('The part of the remote secret to take; the whole when absent.'),
  version: string('The version of the remote secret; the current one when absent.'),
})

const find = object('Takes every remote secret that matches.', {
  conversionStrategy,
  decodingStrategy,
  name: object('Matches names.', { regexp: string('A regular expression (RE2) that the name must match.') }),
  nullBytePolicy,
  path: string('The path to look below, for providers that have paths.'),
  tags: map('Matches tags, all of them.', string('The value of the tag.')),
})

const merge = object('Merges the maps that the entry found into one.', {
  conflictPolicy: oneOf('What happens when two maps have the same key.', ['Ignore', 'Error'], { default: 'Error' }),
  into: string('The key that the merged map is stored under; needed with the strategy JSON.', { default: '' }),
  priority: array('Names of maps that win over others, the weakest first.', string('The name of one map.')),
  priorityPolicy: oneOf('What happens when a map named in priority is not there.', ['IgnoreNotFound', 'Strict'], {
    default: 'Strict',
  }),
  strategy: oneOf(
    'Extract puts the keys at the top; JSON puts them as one JSON document under `into`.',
    ['Extract', 'JSON'],
    {
      default: 'Extract',
    },
  ),
})

const rewrite = object(
  'One step that renames keys.',
  {
    merge,
    regexp: object('Replaces what a regular expression matches.', {
      source: required(string('The regular expression (RE2).')),
      target: required(string('What replaces the match; $1 is its first group.')),
    }),
    transform: object('Renames by a template.', {
      template: required(string('The template of the new key; `.value` is the old one.')),
    }),
  },
  { minProperties: 1, maxProperties: 1 },
)

/** One entry of spec.dataFrom: many keys at once. */
export const dataFrom = object('One source of many keys.', {
  extract: remoteRef,
  find,
  rewrite: array('Steps that rename the keys, in order.', rewrite),
  sourceRef,
})
