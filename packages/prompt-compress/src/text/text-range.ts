/** Characters of a text: UTF-16 offsets, `from` inclusive, `to` exclusive. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}
