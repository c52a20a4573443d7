import { PliantError } from '@pliant/core';

/** A name or a setting that no preset has. The message says where it stands and which there are. */
export class PresetError extends PliantError {}
