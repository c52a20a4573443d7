export * from './prompt-compress.js';
