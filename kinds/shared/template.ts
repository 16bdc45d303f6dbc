import { array, described, map, object, oneOf, required, string } from '../../machinery/schema/builder.ts'
import { dataKey, objectName } from './name-schemas.ts'
import { decodingStrategy } from './strategies.ts'

const templateSource = object('An object of the same namespace that holds templates.', {
  items: required(
    array(
      'The keys to take templates from.',
      object('One key of the object.', {
        key: required(dataKey('The key that holds the template.')),
        templateAs: oneOf(
          'Values renders the text as the value of the key; KeysAndValues renders it as YAML with keys and values.',
          ['Values', 'KeysAndValues'],
          { default: 'Values' },
        ),
      }),
    ),
  ),
  name: required(objectName('The name of the object.')),
})

const templateFrom = object('One source of templates; its results come before those of data.', {
  configMap: described('A ConfigMap that holds templates.', templateSource),
  literal: string('A template that renders YAML with keys and values.'),
  secret: described('A Secret that holds templates.', templateSource),
  target: string('Where the results go: Data, Annotations, Labels, or a path of the manifest.', { default: 'Data' }),
  valuesDecodingStrategy: described('How the rendered values are decoded; not at all when absent.', decodingStrategy),
})

/** How a Secret is made of the fetched values. */
export const template = object('What the target is made of, rendered from the fetched values.', {
  data: map('A template for the value of each key.', string('The template of one value.')),
  engineVersion: oneOf('The version of the template language.', ['v2'], { default: 'v2' }),
  mergePolicy: oneOf(
    'Replace keeps rendered keys only; Merge keeps the fetched ones beside them.',
    ['Replace', 'Merge'],
    {
      default: 'Replace',
    },
  ),
  metadata: object('What the metadata of the target gets.', {
    annotations: map('Annotations of the target; values may be templates.', string('The value of one annotation.')),
    finalizers: array('Finalizers of the target.', string('The name of one finalizer.')),
    labels: map('Labels of the target; values may be templates.', string('The value of one label.')),
  }),
  templateFrom: array('Templates from other objects or written inline, in the order they apply.', templateFrom),
  type: string('The type of the Secret; Opaque when absent.'),
})
