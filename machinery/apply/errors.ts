/** Why ownership could not be computed: managedFields, a schema or an object that cannot be read. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'
}
