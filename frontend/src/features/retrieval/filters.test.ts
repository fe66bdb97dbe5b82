import { expect, test } from "vitest";
import { conditions, type FilterRow } from "@/features/retrieval/filters";

const row = (change: Partial<FilterRow>): FilterRow => ({
  id: "1",
  field: "type",
  name: "",
  op: "eq",
  text: "file",
  ...change,
});

test("a row becomes a condition", () => {
  expect(conditions([row({})])).toEqual([{ field: "type", op: "eq", value: "file" }]);
});

test("rows that are not filled in are left out", () => {
  expect(conditions([row({ text: " " }), row({ field: "metadata", name: "", text: "x" })])).toEqual([]);
});

test("an own field is named, and its numbers and truth values are what they look like", () => {
  const own = (text: string) => conditions([row({ field: "metadata", name: "year", text })])[0];
  expect(own("2026")).toEqual({ field: "metadata.year", op: "eq", value: 2026 });
  expect(own("true")?.value).toBe(true);
  expect(own("v2.1")?.value).toBe("v2.1");
});

test("a number in a field of the product stays text", () => {
  expect(conditions([row({ field: "title", text: "2026" })])[0]?.value).toBe("2026");
});

test("one of several is a list", () => {
  expect(conditions([row({ op: "in", text: "file, text,," })])[0]?.value).toEqual(["file", "text"]);
});
