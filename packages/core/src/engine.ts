export { capabilitiesOfEdit, checkKeep, checkTruncate } from './checks/check-edit.js';
export {
  type CachePositions,
  type CheckedForward,
  capabilitiesUsed,
  checkForward,
} from './checks/check-forward.js';
export { checkSaved } from './checks/check-saved.js';
export { fingerprintVocabulary } from './checks/fingerprint.js';
export { futurePositions } from './checks/future-positions.js';
export { modelSourceSchema } from './checks/model-descriptor.js';
export type { SavedCache, SavedLayer } from './contract/cache.js';
export { allCapabilities } from './contract/capability.js';
export {
  type EvidenceCapability,
  type EvidenceName,
  type Evidences,
  type EvidenceWant,
  evidence,
  evidenceNames,
  evidenceWanted,
} from './contract/evidence/evidence.js';
export { TextFinder } from './prompt/text-finder.js';
export { belongsToFolder } from './saving/belongs-to-folder.js';
