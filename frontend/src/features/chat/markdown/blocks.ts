/** Markdown that grows: blocks that are finished are parsed once and never again. */
import { Marked, type Token, type TokenizerAndRendererExtension } from "marked";

/** `token` keeps its identity once the block is finished; `start` is where it begins in the text. */
export type Block = { start: number; token: Token };
export type Blocks = { text: string; blocks: readonly Block[] };

export const NO_BLOCKS: Blocks = { text: "", blocks: [] };

// The last two blocks may still change by what follows: a paragraph turns into a heading or table, a list goes on after a gap.
const UNFINISHED = 2;

const citation: TokenizerAndRendererExtension = {
  name: "citation",
  level: "inline",
  start: (text) => text.search(/\[\d{1,3}\]/),
  tokenizer(text) {
    const found = /^\[(\d{1,3})\](?!\()/.exec(text);
    return found ? { type: "citation", raw: found[0], marker: Number(found[1]) } : undefined;
  },
};
const marked = new Marked({ gfm: true, extensions: [citation] });

/** The blocks of `text`. Where it continues `before`, only its unfinished end is parsed. */
export function blocksOf(text: string, before: Blocks = NO_BLOCKS): Blocks {
  const kept = text.startsWith(before.text) ? before.blocks.slice(0, -UNFINISHED) : [];
  const from = kept.length > 0 ? (before.blocks[kept.length]?.start ?? 0) : 0;
  const blocks: Block[] = [...kept];
  let start = from;
  for (const token of marked.lexer(text.slice(from))) {
    if (token.type !== "space") blocks.push({ start, token });
    start += token.raw.length;
  }
  return { text, blocks };
}
