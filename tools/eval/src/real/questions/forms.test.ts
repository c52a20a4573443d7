import { expect, it } from 'vitest';
import { askIn, formNames } from './forms.js';

it.each(formNames)('%s holds the text and the question once, in its order', (form) => {
  const messages = askIn(form, 'Rain fell.', 'What fell?');
  const whole = messages.map(({ content }) => content).join('|');
  expect(whole.split('Rain fell.')).toHaveLength(2);
  expect(whole.split('What fell?')).toHaveLength(2);
  expect(whole.indexOf('What fell?') < whole.indexOf('Rain fell.')).toBe(form === 'before');
  expect(messages.at(-1)!.role).toBe('user');
  expect(messages.find(({ content }) => content.includes('Rain fell.'))!.role).toBe(
    form === 'system' ? 'system' : 'user',
  );
});
