import { commonWords } from './common-words.js';
import { needleMultiKey } from './needle-multi-key.js';
import { needleMultiQuery } from './needle-multi-query.js';
import { needleMultiValue } from './needle-multi-value.js';
import { needleSingle } from './needle-single.js';
import { passagesQA } from './passages-qa.js';
import type { Task } from './task.js';
import { variableTracking } from './variable-tracking.js';

/** Every task, in the order of the tables. */
export const tasks: readonly Task[] = [
  needleSingle,
  needleMultiKey,
  needleMultiValue,
  needleMultiQuery,
  variableTracking,
  commonWords,
  passagesQA,
];

/** The tasks with one right answer each. */
export const singleAnswerTasks: readonly Task[] = [needleSingle, needleMultiKey, passagesQA];
