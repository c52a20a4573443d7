const pointer = '(?:/(?:[^~/]|~[01])*)*';

export const pointerFormats = {
  /** RFC 6901. */
  'json-pointer': { pattern: new RegExp(pointer, 'u') },
  /** draft-bhutton-relative-json-pointer-00. */
  'relative-json-pointer': {
    pattern: new RegExp(String.raw`(?:0|[1-9]\d*)(?:[+\-][1-9]\d*)?(?:#|${pointer})`, 'u'),
  },
};
