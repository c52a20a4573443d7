export * from './layer-skip.js';
