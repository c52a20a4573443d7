import { PliantError } from '@pliant/core';

/** The server was not reached, or did not answer as an OpenAI-compatible one does: exit code 1. */
export class EndpointError extends PliantError {}
