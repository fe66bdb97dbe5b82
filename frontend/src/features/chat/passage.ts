/** A passage in its context: the words before and after it, and where in it the quote stands. */
import type { Chunk } from "@/shared/types";

const LONGEST_OVERLAP = 4000;

/** How many characters at the end of `before` the start of `after` repeats: neighbouring chunks share some text. */
export function overlap(before: string, after: string): number {
  for (let length = Math.min(before.length, after.length, LONGEST_OVERLAP); length > 0; length -= 1) {
    if (before.endsWith(after.slice(0, length))) return length;
  }
  return 0;
}

/** The text around a chunk; empty where it is the first, the last, or not there. `chunks` in the order of the document. */
export function around(chunks: readonly Chunk[], chunkId: string): { before: string; after: string } {
  const at = chunks.findIndex((chunk) => chunk.chunkId === chunkId);
  const passage = chunks[at]?.content;
  if (passage === undefined) return { before: "", after: "" };
  const before = chunks[at - 1]?.content ?? "";
  const after = chunks[at + 1]?.content ?? "";
  return {
    before: before.slice(0, before.length - overlap(before, passage)).trim(),
    after: after.slice(overlap(passage, after)).trim(),
  };
}

/** Letters and digits only, with where each stood: line breaks and hyphens of a layout do not matter for finding a quote. */
function letters(text: string): { text: string; at: number[] } {
  const kept: string[] = [];
  const at: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] ?? "";
    if (!/[\p{L}\p{N}]/u.test(letter)) continue;
    const lower = letter.toLowerCase();
    kept.push(lower.length === 1 ? lower : letter);
    at.push(index);
  }
  return { text: kept.join(""), at };
}

/** Cut `passage` at the quote: [before, quote, after]; null where it does not contain it. */
export function markQuote(passage: string, quote: string): readonly [string, string, string] | null {
  const exact = quote === "" ? -1 : passage.indexOf(quote);
  if (exact >= 0) return cut(passage, exact, exact + quote.length);
  const inPassage = letters(passage);
  const inQuote = letters(quote);
  const found = inQuote.text === "" ? -1 : inPassage.text.indexOf(inQuote.text);
  if (found < 0) return null;
  const start = inPassage.at[found] ?? 0;
  const end = (inPassage.at[found + inQuote.text.length - 1] ?? start) + 1;
  return cut(passage, start, end);
}

function cut(text: string, start: number, end: number): readonly [string, string, string] {
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}
