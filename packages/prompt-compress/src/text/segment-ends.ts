/** UTF-16 units passed to a segmenter at once. */
const chunk = 1024;

/**
 * Finds where the segments of a text end, ascending. The time of `Intl.Segmenter` grows with the
 * square of a long text. It therefore gets pieces, each from the last border that is certain.
 */
export function segmentEnds(segmenter: Intl.Segmenter, text: string): number[] {
  const ends: number[] = [];
  let from = 0;
  let size = chunk;
  while (from < text.length) {
    const piece = text.slice(from, from + size);
    const found = Array.from(segmenter.segment(piece), ({ index }) => index);
    const isLast = from + size >= text.length;
    // What follows the piece may belong to its last segment.
    const certain = isLast ? [...found.slice(1), piece.length] : found.slice(1);
    for (const end of certain) ends.push(from + end);
    if (isLast) break;
    size = certain.length > 0 ? chunk : size * 2;
    from += certain.at(-1) ?? 0;
  }
  return ends;
}
