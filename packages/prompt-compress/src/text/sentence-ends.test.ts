import { describe, expect, it, test } from 'vitest';
import { sentenceUnitEnds } from './unit-ends.js';

/** Units parted by bars, the blanks around them aside. */
function unitsOf(text: string): string[] {
  let from = 0;
  return sentenceUnitEnds(text).map((end) => {
    const unit = text.slice(from, end).trim();
    from = end;
    return unit;
  });
}

test.each([
  [
    'It met Prof. J. R. R. Smith Jr. in Washington D.C. on Sept. 4.|He works at Holt Inc.|Then he quit.',
  ],
  ['We took plan B.|Then we left.|See Fig. 3a and Sec. 4.2.|The No. 4 bus, cf. p. 12, runs.'],
  ['"Is it open?" Anna asked.|"No," said the man.|She left!|\'Why?\' he wondered.'],
  ['Come at 5 p.m. Monday.|He came at 5 p.m.|Nobody saw it.'],
  ['Am 3. Oktober kam Dr. Meier mit ca. 40 Booten.|Das ist z. B. wichtig.'],
  ['Il a dit : « Venez-vous ? » Puis il partit.|Mme. Holm, p. ex., resta.'],
  ['El Sr. López llegó.|¿Viene Ud. mañana?|La Dra. Ruiz, pág. 4, no.'],
  ['第三日に船が入港した。|「橋は開いていますか？」と彼女は尋ねた。|第四日は雨だった。'],
  ['وصلت السفينة إلى الميناء.|هل الجسر مفتوح؟|غادر الجميع.'],
  ['i went home.|then we ate some fish.|it was good.'],
  ['1. The pump is old.|2. It leaks.'],
  ['Great news!|🎉 We won.|See you.'],
  ['It lifts 12 t.[^1]|It is old.[2][3]|It is for sale.[^note]|Ask.'],
  ['The call is on Mon. Jan. 5.|Please join.'],
  ['(a) It bears interest at 5 per cent. per annum.|It is due now.'],
  ['It stood in Proc. of the 3rd Int. Conf. on Harbours.|It takes an int.|Then it ends.'],
])('sentences: %s', (marked) => {
  expect(unitsOf(marked.replaceAll('|', ' '))).toEqual(marked.split('|'));
});

describe('lines', () => {
  it('of mails are header fields, wrapped sentences and quotations', () => {
    const mail = [
      'From: Anna Berg <anna@example.org>',
      'Subject: Re: the crane, and other things that\n have to be decided',
      '',
      'I will be at the harbour office with Mr.\nHolm from 9 a.m. on Monday.',
      '',
      'On Mon, 4 Mar 2024 at 18:22, Jonas Lie wrote:',
      '> The crane cannot be used before the 15th, because the man\n> who drives it is ill.',
      '> > Is it certain that the crane\n> > works again?',
      '',
      'Harbour office, Skarholm',
      'Tel. +47 555 01 82',
    ];
    expect(unitsOf(mail.join('\n'))).toEqual(mail.filter(Boolean));
    const crlf = (text: string) => text.replaceAll('\n', '\r\n');
    expect(unitsOf(crlf(mail.join('\n')))).toEqual(mail.filter(Boolean).map(crlf));
  });

  it.each([
    [['host = example.org', 'port = 8080', '[server]', 'name: main', 'max-size: 4']],
    [['day,boats,left', 'Monday,14,3', 'Tuesday,7,2']],
    [['name; city; age', 'Anna Berg; Oslo; 42', 'Jonas; Bergen; 37']],
    [['Anna Berg', '12 Quay Street', '4021 Skarholm', 'Norway']],
    [
      [
        '[10:00:04] INFO pier 1 has 14 boats',
        '  at Pier.count (pier.js:14:2)',
        '[10:00:11] INFO pier 3',
      ],
    ],
    [['Mar  1 10:00:04 host sshd[114]: Accepted', 'Mar  1 10:00:09 host cron[9]: job done']],
    [['The boats came in at night', 'With lamps upon the bow', 'And no one saw the light']],
    [['function count(boats) {', '  let total = 0;', '  return total;', '}']],
    [['services:', '  web:', '    image: nginx:1.25', '    ports:', '      - "80:80"']],
    [
      [
        '# Changelog',
        '## 2.4.1 (2024-03-01)',
        '* Fix a crash, which happened\n  only on Windows.',
        '* Read dates.',
      ],
    ],
    [['- The gate', '  - is closed in\n    winter', '  - is open', '- The end']],
    [['Anna: When does it leave?', 'Jonas: At nine, when the\nice is gone.', 'Anna: Thanks!']],
    [['ports:', '  - "80:80"', 'env:', '    - DEBUG', '  text: server']],
    [['host = a', '; a comment', 'name: main']],
    [
      [
        '(1) One thing',
        '(2) Another that is wrapped over\n    two lines',
        'i) first',
        'ii) second',
      ],
    ],
    [
      [
        'NAME',
        '    crane - lift boats',
        'OPTIONS',
        '    -v  Say more about what is done, and\n        why.',
        '    --dry-run',
        '        Do nothing.',
      ],
    ],
    [['| a | b |', '|---|---|', '| 1 | 2 |', 'Text after the table.']],
  ])('that stand alone do not run together: %j', (lines) => {
    expect(unitsOf(lines.join('\n'))).toEqual(lines.map((line) => line.trim()));
  });
});
