import type { Clock } from '../../../base/clock.ts'
import { createFieldManager } from '../../../machinery/apply/field-manager.ts'
import type { FieldWrite } from '../../../machinery/apply/field-write.ts'
import { keepTimes } from '../../../machinery/apply/keep-times.ts'
import { objectTypeOf } from '../../../machinery/apply/types/object-type.ts'
import { isJsonObject } from '../../../machinery/json/member.ts'
import type { JsonObject, KubeObject } from '../../../machinery/object.ts'
import { withDefaults } from '../../../machinery/schema/default.ts'
import type { Schema } from '../../../machinery/schema/schema.ts'
import type { Conversion } from '../conversion.ts'
import type { KindDeclaration } from '../kind.ts'
import type { Stored } from '../stored.ts'
import { withCompactMetadata } from './compact-metadata.ts'

export interface Writer {
  readonly manager: string
  readonly version: string
  readonly subresource: '' | 'status'
}

/**
 * Who owns which field: metadata.managedFields of one kind (server-side-apply.md, sections 5 and 6). The annotation
 * that carries what a version cannot say is the server's own: nobody owns it.
 */
export interface FieldOwnership {
  /** `next` with the managedFields that follow from a create (`live` undefined), update or patch. Never fails. */
  track(next: KubeObject, live: Stored | undefined, writer: Writer): KubeObject
  /** The live object merged with an applied configuration. Throws StatusError: 409 with the conflicts, 400, 500. */
  apply(config: KubeObject, live: Stored | undefined, writer: Writer & { readonly force: boolean }): KubeObject
  /** `next` with the times of `previous` where nothing but times differs: such a write is none. */
  keepTimes(next: KubeObject, previous: KubeObject): KubeObject
}

export interface OwnershipConfig {
  readonly kind: KindDeclaration
  /** Of whole objects, by version. */
  readonly schemas: ReadonlyMap<string, Schema>
  readonly conversion: Conversion
  readonly clock: Clock
}

export function fieldOwnership(config: OwnershipConfig): FieldOwnership {
  const { kind, schemas, conversion, clock } = config
  const types = [...schemas].map(
    ([version, schema]) => [conversion.apiVersionOf(version), objectTypeOf(schema)] as const,
  )
  const manager = createFieldManager({
    kind: kind.names.kind,
    types: new Map(types),
    resetFields: resetFieldsOf(config),
    clock,
  })
  return {
    track: (next, live, writer) => {
      const plain = live && conversion.plain(live, writer.version)
      const tracked = manager.update(plain, conversion.receive(next).object, fieldWrite(conversion, live, writer))
      return conversion.annotate(tracked, conversion.annotationOf(next))
    },
    apply: (configuration, live, writer) => {
      const plain = live && conversion.plain(live, writer.version)
      const write = { ...fieldWrite(conversion, live, writer), force: writer.force }
      const { object } = conversion.receive(configuration)
      const applied = manager.apply(plain, kind.decode?.(object) ?? object, write)
      const merged =
        applied === plain ? applied : defaulted(kind, withCompactMetadata(withoutNulls(applied, configuration)), writer)
      const annotation = conversion.annotationOf(configuration)
      return conversion.annotate(
        merged,
        annotation ?? (live && conversion.annotationOf(conversion.show(live, writer.version))),
      )
    },
    keepTimes,
  }
}

function fieldWrite(conversion: Conversion, live: Stored | undefined, writer: Writer): FieldWrite {
  return {
    manager: writer.manager,
    apiVersion: conversion.apiVersionOf(writer.version),
    subresource: writer.subresource,
    convert: (object, apiVersion) => conversion.between(object, apiVersion, { live, version: writer.version }),
  }
}

/** The main endpoint leaves the status alone, the status endpoint everything else; as FieldsV1. */
function resetFieldsOf({ kind, schemas }: OwnershipConfig): (subresource: string) => JsonObject {
  const none = {}
  if (kind.subresources?.includes('status') !== true) return () => none
  const members = new Set([...schemas.values()].flatMap((schema) => Object.keys(schema.properties ?? {})))
  for (const member of ['apiVersion', 'kind', 'status']) members.delete(member)
  const allButStatus = Object.fromEntries([...members].map((member) => [`f:${member}`, {}]))
  const status = { 'f:status': {} }
  return (subresource) => (subresource === 'status' ? allButStatus : status)
}

function defaulted(kind: KindDeclaration, object: KubeObject, { version }: Writer): KubeObject {
  const schema = kind.versions[version]?.schema
  return kind.defaults === 'stored' && schema !== undefined ? withDefaults(schema, object) : object
}

/** A map whose last entry went comes out of a merge as null: absent, unless the configuration says null itself. */
function withoutNulls(merged: KubeObject, configuration: KubeObject): KubeObject {
  return strip(merged, configuration) as KubeObject
}

function strip(value: unknown, said: unknown): unknown {
  if (!isJsonObject(value)) return value
  const members = Object.entries(value)
  const kept = members
    .filter(([member, each]) => each !== null || sayOf(said, member) === null)
    .map(([member, each]) => [member, strip(each, sayOf(said, member))] as const)
  const isWhole = kept.length === members.length && kept.every(([, each], index) => each === members[index]?.[1])
  return isWhole ? value : Object.fromEntries(kept)
}

function sayOf(said: unknown, member: string): unknown {
  return isJsonObject(said) && Object.hasOwn(said, member) ? said[member] : undefined
}
