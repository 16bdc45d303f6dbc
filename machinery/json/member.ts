/**
 * Sets a member of an object being built. A key `__proto__` becomes an own member as JSON.parse makes it; plain
 * assignment would change the prototype instead.
 */
export function setMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') {
    target[name] = value
    return
  }
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
