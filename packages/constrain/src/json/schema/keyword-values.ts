import { isObject } from './json-object.js';

/** A condition on what stands under a keyword. */
export interface KeywordValue {
  readonly isValid: (value: unknown) => boolean;
  /** For messages: "must be ...". */
  readonly wanted: string;
}

const types = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

const isNumber = Number.isFinite;
const isString = (value: unknown) => typeof value === 'string';

export function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

export const count: KeywordValue = {
  isValid: (value) => Number.isInteger(value) && (value as number) >= 0,
  wanted: 'a whole number of at least 0',
};
export const number: KeywordValue = { isValid: isNumber, wanted: 'a number' };
/** Draft 4 turns the bound beside it into an exclusive one by true. */
export const numberOrFlag: KeywordValue = {
  isValid: (value) => isNumber(value) || typeof value === 'boolean',
  wanted: 'a number',
};
export const step: KeywordValue = {
  isValid: (value) => isNumber(value) && (value as number) > 0,
  wanted: 'a number above 0',
};
export const flag: KeywordValue = {
  isValid: (value) => typeof value === 'boolean',
  wanted: 'true or false',
};
export const expression: KeywordValue = { isValid: isString, wanted: 'a regular expression' };
export const name: KeywordValue = { isValid: isString, wanted: 'a name' };
export const reference: KeywordValue = { isValid: isString, wanted: 'a reference' };
export const names: KeywordValue = { isValid: isNames, wanted: 'a list of names' };
export const namesByName: KeywordValue = {
  isValid: (value) => isObject(value) && Object.values(value).every(isNames),
  wanted: 'lists of names',
};
export const list: KeywordValue = { isValid: Array.isArray, wanted: 'a list of values' };
export const typeNames: KeywordValue = {
  isValid: (value) =>
    (Array.isArray(value) ? value : [value]).every((type) => types.includes(type)),
  wanted: `one or several of ${types.join(', ')}`,
};
export const schemas: KeywordValue = { isValid: Array.isArray, wanted: 'a list of schemas' };
export const schemasByName: KeywordValue = { isValid: isObject, wanted: 'an object of schemas' };
export const schemasOrNamesByName: KeywordValue = {
  isValid: isObject,
  wanted: 'an object of schemas and lists of names',
};
