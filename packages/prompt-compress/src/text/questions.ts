import { sentenceUnitEnds } from './unit-ends.js';

/** Longest question before a text: UTF-16 units and sentences. */
const longest = 800;
const most = 5;

const instruction = new RegExp(
  String.raw`^["“'(\[*#\s]*(?:(?:please|kindly|now|then|first|task|question|instructions?|query|q|prompt|aufgabe|frage|bitte|pregunta|pergunta|spørsmål|问题|問題|请|請|質問|指示)(?![\p{L}\p{N}_])[\s:：,]*)*` +
    String.raw`(?:answer|respond|reply|use|using|read|given|consider|look|find|tell|say|give|name|list|count|write|explain|describe|summari[sz]e|extract|identify|translate|rewrite|compare|check|classify|decide|determine|calculate|compute|return|output|show|quote|state|based on|according to|from the|in the following|i (?:have|want|need|would like)|you (?:are|will|answer|get|must|should)|what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|beantworte|nenne|fasse|finde|erkläre|wer|was|wann|wo|warum|wie|welche[rsn]?|répond|résume|trouve|explique|qui|quand|où|pourquoi|comment|quel|responde|resume|quién|qué|cuándo|dónde|cómo|cuál)(?![\p{L}\p{N}_])`,
  'iu',
);
const marked =
  /^(?:please|task|question|instructions?|query|q|frage|aufgabe|pregunta|问题|問題|質問)\s*[:：]/iu;

const questionMark = /[?？؟]([\p{Pe}\p{Pf}"'*_]*)$/u;
const openingQuote = /^["'“‘„«*_\p{Pi}\p{Ps}]/u;

/**
 * Whether a sentence asks or instructs. A sentence that only quotes a question, as stories do, does
 * not ask it.
 */
export function asks(sentence: string): boolean {
  const written = sentence.trim();
  const end = questionMark.exec(written);
  const isQuoted = end !== null && end[1] !== '' && !openingQuote.test(written);
  return (end !== null && !isQuoted) || marked.test(written) || instruction.test(written);
}

/**
 * Finds where a question or an instruction before a text ends: after the last of the sentences at
 * its beginning that asks. If the first sentence does not ask, a line end must follow, since
 * stories have questions in them too.
 * @returns UTF-16 units; 0 if the text does not begin with a question, or is little more than one
 */
export function leadingQuestion(text: string): number {
  const beginning = text.slice(0, longest * 2);
  let end = 0;
  let from = 0;
  let isFirst = false;
  for (const [index, unitEnd] of sentenceUnitEnds(beginning).slice(0, most).entries()) {
    if (unitEnd > longest || unitEnd === beginning.length) break;
    const sentence = beginning.slice(from, unitEnd);
    const isParagraph = /^\s*\n\s*\n/.test(sentence);
    if (asks(sentence) && !(isParagraph && end > 0 && !isFirst)) {
      end = unitEnd;
      isFirst ||= index === 0;
    } else if (end > 0 || isParagraph) break;
    from = unitEnd;
  }
  if (!isFirst && !/^[ \t]*[\r\n]/.test(text.slice(end, end + 20))) return 0;
  return text.length < 2 * end ? 0 : end;
}

/**
 * Finds where the question or instruction at the end of a text begins: the last sentences of its
 * paragraph that ask. The very last one may only add to them.
 * @returns UTF-16 offset of its first character that is not blank; the text's length if there is
 * none
 */
export function trailingQuestion(text: string): number {
  const ending = text.slice(-longest);
  const begins = [0, ...sentenceUnitEnds(ending)].slice(0, -1);
  const asksAt = (index: number) => asks(ending.slice(begins[index], begins[index + 1]));
  const last = begins.length - 1;
  // The first sentence of the ending may have lost its beginning.
  const whole = ending.length < text.length ? 1 : 0;
  let first = asksAt(last) ? last : last - 1;
  if (first < whole) return lastLine(text);
  if (!asksAt(first)) return text.length;
  const earliest = Math.max(last - most + 1, whole);
  const isParagraph = (index: number) => /^\s*\n\s*\n/.test(ending.slice(begins[index]));
  while (first > earliest && !isParagraph(first) && asksAt(first - 1)) first--;
  const blanks = /^\s*/.exec(ending.slice(begins[first]))![0].length;
  return text.length - ending.length + begins[first] + blanks;
}

/**
 * Returns where the last line of a text without full stops begins if it asks, else the text's
 * length.
 */
function lastLine(text: string): number {
  const from = text.trimEnd().lastIndexOf('\n') + 1;
  return from > 0 && text.length - from <= longest && asks(text.slice(from)) ? from : text.length;
}
