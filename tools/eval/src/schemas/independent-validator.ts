import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import ajvDraft04 from 'ajv-draft-04';
import ajvFormats from 'ajv-formats';
import type { SchemaCase } from './case-set.js';

/** Ajv of the case's draft, for values that this repository's code has found right. */
export function independentValidator(
  { validator, schema }: SchemaCase,
  formats: 'asserted' | 'ignored',
): ValidateFunction {
  const options: Options = {
    strict: false,
    // Doubles: 0.07 / 0.01 is not quite 7.
    multipleOfPrecision: 9,
    validateFormats: formats === 'asserted',
    logger: false,
  };
  const ajv = makeAjv(validator, options);
  ajvFormats.default(ajv);
  return ajv.compile(schema as object);
}

function makeAjv(validator: string, options: Options): Ajv {
  if (validator === 'Draft4Validator') return new ajvDraft04.default(options);
  if (validator === 'Draft202012Validator') return new Ajv2020(options);
  const ajv = new Ajv(options);
  if (validator === 'Draft6Validator') ajv.addMetaSchema(draft6);
  return ajv;
}
