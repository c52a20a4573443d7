/**
 * Options of `jsonSchema()` that leave the fewest ways to write a value, which are also
 * llguidance's.
 */
export const compactJson = {
  whitespace: 'none',
  propertyOrder: 'schema',
  spelling: 'canonical',
} as const;
