/** The last three bits of a field's tag: how long the field is. 3 and 4 (groups) are gone from the format. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
