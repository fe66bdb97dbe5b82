/** How alike vectors are. */

/** The cosine of two vectors of one length; 0 where one of them is all zeros. */
export function cosine(one: readonly number[], other: readonly number[]): number {
  let dot = 0;
  let square = 0;
  let otherSquare = 0;
  one.forEach((value, index) => {
    const against = other[index] ?? 0;
    dot += value * against;
    square += value * value;
    otherSquare += against * against;
  });
  return square === 0 || otherSquare === 0 ? 0 : dot / Math.sqrt(square * otherSquare);
}

/** Every vector against every other. */
export function pairwise(vectors: readonly (readonly number[])[]): number[][] {
  return vectors.map((one) => vectors.map((other) => cosine(one, other)));
}
