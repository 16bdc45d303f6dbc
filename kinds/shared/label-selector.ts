import { array, map, object, required, string } from '../../machinery/schema/builder.ts'

/** meta/v1 LabelSelector: replaced as a whole by server-side apply. */
export const labelSelector = object(
  'Selects by labels; an empty selector selects everything.',
  {
    matchExpressions: array(
      'Requirements that must all hold.',
      object('One requirement.', {
        key: required(string('The label that the requirement is about.')),
        operator: required(string('In, NotIn, Exists or DoesNotExist.')),
        values: array('The values for In and NotIn; empty for the others.', string('One value.'), {
          'x-kubernetes-list-type': 'atomic',
        }),
      }),
      { 'x-kubernetes-list-type': 'atomic' },
    ),
    matchLabels: map('Labels that must have exactly these values.', string('The value of the label.')),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)
