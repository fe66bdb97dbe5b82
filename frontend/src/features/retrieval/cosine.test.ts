import { expect, test } from "vitest";
import { cosine, pairwise } from "@/features/retrieval/cosine";

test("the cosine does not depend on length", () => {
  expect(cosine([1, 0], [5, 0])).toBeCloseTo(1);
  expect(cosine([1, 0], [0, 3])).toBeCloseTo(0);
  expect(cosine([1, 1], [-2, -2])).toBeCloseTo(-1);
});

test("a vector of zeros is like nothing", () => {
  expect(cosine([0, 0], [1, 0])).toBe(0);
});

test("every pair is compared, each with itself as well", () => {
  expect(
    pairwise([
      [1, 0],
      [0, 1],
    ]),
  ).toEqual([
    [1, 0],
    [0, 1],
  ]);
});
