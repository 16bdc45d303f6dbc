import type { JsonObject } from '../../../machinery/object.ts'
import type { MetaDefinition } from './definition-names.ts'
import { metaDefinition } from './definition-names.ts'

/** The types that every API shares, with references by name (references.ts makes them pointers). */
export function metaDefinitions(): JsonObject {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [`apiserver.meta.v1.${name}`, definition]),
  )
}

const text = (description: string): JsonObject => ({ description, type: 'string' })
const flag = (description: string): JsonObject => ({ description, type: 'boolean' })
const time = (description: string): JsonObject => ({ description, type: 'string', format: 'date-time' })
const whole = (description: string, format: 'int32' | 'int64'): JsonObject => ({ description, type: 'integer', format })
const textMap = (description: string): JsonObject => ({
  description,
  type: 'object',
  additionalProperties: { type: 'string' },
})
const reference = (name: MetaDefinition): JsonObject => ({ $ref: metaDefinition(name) })

const typeMembers = {
  apiVersion: text('The group and version of the API that the object is written in.'),
  kind: text('The kind of the object, in CamelCase.'),
}

const definitions: Readonly<Record<MetaDefinition, JsonObject>> = {
  ObjectMeta: {
    description: 'What every stored object has: its name, its identity, its history and what others attach to it.',
    type: 'object',
    properties: {
      annotations: textMap('Free texts that tools keep with the object. They cannot be selected by.'),
      creationTimestamp: time('When the object was created. Set by the server.'),
      deletionGracePeriodSeconds: whole('How long the object may take to go. Set by the server at deletion.', 'int64'),
      deletionTimestamp: time('When the object was asked to go; it stays while it has finalizers. Set by the server.'),
      finalizers: {
        description: 'Who must agree before the object goes. While it is being deleted, names can only be removed.',
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
      generateName: text('The beginning of a name that the server completes, when there is no name.'),
      generation: whole('Counts the changes of what the object wants to be. Set by the server.', 'int64'),
      labels: textMap('Words to find and group objects by.'),
      managedFields: {
        description: 'Which client manages which fields. Kept by the server, for server-side apply.',
        type: 'array',
        items: reference('ManagedFieldsEntry'),
        'x-kubernetes-list-type': 'atomic',
      },
      name: text('The name, unique among the objects of the kind in the namespace. It cannot change.'),
      namespace: text('The namespace in which the name is unique. It cannot change.'),
      ownerReferences: {
        description: 'The objects this one depends on: when all of them are gone, it goes too.',
        type: 'array',
        items: reference('OwnerReference'),
        'x-kubernetes-list-map-keys': ['uid'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'uid',
        'x-kubernetes-patch-strategy': 'merge',
      },
      resourceVersion: text(
        'Names the state of the object, for watching and for updates that must not overwrite others.',
      ),
      selfLink: text('No longer used.'),
      uid: text('Tells the object from all others of its name, before and after it. Set by the server.'),
    },
  },
  OwnerReference: {
    description: 'An object that this one depends on, in the same namespace or in none.',
    type: 'object',
    required: ['apiVersion', 'kind', 'name', 'uid'],
    properties: {
      apiVersion: text('The API version of the owner.'),
      blockOwnerDeletion: flag('Whether the owner waits for this object when it is deleted in the foreground.'),
      controller: flag('Whether the owner is the one that manages this object.'),
      kind: text('The kind of the owner.'),
      name: text('The name of the owner.'),
      uid: text('The UID of the owner.'),
    },
    'x-kubernetes-map-type': 'atomic',
  },
  ManagedFieldsEntry: {
    description: 'The fields that one client manages in one way.',
    type: 'object',
    properties: {
      apiVersion: text('The version that the names of the fields are of.'),
      fieldsType: text('How the fields are written down: FieldsV1.'),
      fieldsV1: { description: 'The fields, as a tree of their names.', type: 'object' },
      manager: text('The name of the client.'),
      operation: text('Apply, or Update for every other way to write.'),
      subresource: text('The subresource through which it wrote, if any.'),
      time: time('When the entry changed last.'),
    },
  },
  ListMeta: {
    description: 'What every list has.',
    type: 'object',
    properties: {
      continue: text('Asks for the next page, with the parameter of the same name. Absent on the last page.'),
      remainingItemCount: whole('How many items the following pages hold, where that is known.', 'int64'),
      resourceVersion: text('The state that the list shows; a watch can begin here.'),
      selfLink: text('No longer used.'),
    },
  },
  DeleteOptions: {
    description: 'How an object is deleted.',
    type: 'object',
    properties: {
      ...typeMembers,
      dryRun: {
        description: 'All: everything is checked and nothing is deleted.',
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'atomic',
      },
      gracePeriodSeconds: whole('How long the object may take to go, for kinds that take time.', 'int64'),
      orphanDependents: flag('Deprecated: propagationPolicy says more.'),
      preconditions: {
        description: 'What must be true of the object for it to be deleted.',
        ...reference('Preconditions'),
      },
      propagationPolicy: text('What becomes of dependents: Orphan, Background or Foreground.'),
    },
  },
  Preconditions: {
    description: 'What must be true of an object for it to be changed.',
    type: 'object',
    properties: { resourceVersion: text('The state that it must be in.'), uid: text('The UID that it must have.') },
  },
  Patch: {
    description: 'A change of an object, in the form that the Content-Type of the request names.',
    type: 'object',
  },
  Status: {
    description: 'The answer to a request that answers no object.',
    type: 'object',
    properties: {
      ...typeMembers,
      code: whole('The HTTP status code.', 'int32'),
      details: { description: 'What the reason means here.', ...reference('StatusDetails') },
      message: text('What happened, for people.'),
      metadata: { description: 'Of the list that could not be continued.', ...reference('ListMeta') },
      reason: text('Why it happened, in one word for programs.'),
      status: text('Success or Failure.'),
    },
    'x-kubernetes-group-version-kind': [{ group: '', kind: 'Status', version: 'v1' }],
  },
  StatusDetails: {
    description: 'What a Status is about.',
    type: 'object',
    properties: {
      causes: {
        description: 'All that is wrong.',
        type: 'array',
        items: reference('StatusCause'),
        'x-kubernetes-list-type': 'atomic',
      },
      group: text('The API group of the object.'),
      kind: text('The kind or the resource of the object.'),
      name: text('The name of the object.'),
      retryAfterSeconds: whole('How long to wait before the next attempt.', 'int32'),
      uid: text('The UID of the object.'),
    },
  },
  StatusCause: {
    description: 'One thing that is wrong.',
    type: 'object',
    properties: {
      field: text('The field that it is about.'),
      message: text('What is wrong, for people.'),
      reason: text('What is wrong, in one word for programs.'),
    },
  },
}
