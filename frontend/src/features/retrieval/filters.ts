/** Filters as a person types them, and as the search takes them. */
import type { Condition } from "@/shared/types";

/** `field` is "metadata" for an own field, whose name stands in `name`. */
export type FilterRow = { id: string; field: string; name: string; op: Condition["op"]; text: string };

export const FIELDS = [
  { value: "type", label: "Kind" },
  { value: "title", label: "Name" },
  { value: "path", label: "Path or address" },
  { value: "language", label: "Language" },
  { value: "createdAt", label: "Added on" },
  { value: "metadata", label: "Own field" },
] as const;

export const OPERATORS: readonly { value: Condition["op"]; label: string }[] = [
  { value: "eq", label: "is" },
  { value: "ne", label: "is not" },
  { value: "in", label: "is one of" },
  { value: "contains", label: "contains" },
  { value: "lt", label: "is below" },
  { value: "lte", label: "is at most" },
  { value: "gt", label: "is above" },
  { value: "gte", label: "is at least" },
];

/** "3" is a number and "true" a truth value in an own field; in every other field both are text. */
function valueOf(text: string, isOwn: boolean): string | number | boolean {
  const plain = text.trim();
  if (!isOwn) return plain;
  if (plain === "true" || plain === "false") return plain === "true";
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : plain;
}

/** Rows that are not filled in are left out. */
export function conditions(rows: readonly FilterRow[]): Condition[] {
  return rows
    .filter((row) => row.text.trim() !== "" && (row.field !== "metadata" || row.name.trim() !== ""))
    .map((row) => {
      const isOwn = row.field === "metadata";
      const one = (text: string): string | number | boolean => valueOf(text, isOwn);
      return {
        field: isOwn ? `metadata.${row.name.trim()}` : row.field,
        op: row.op,
        value:
          row.op === "in"
            ? row.text
                .split(",")
                .filter((part) => part.trim() !== "")
                .map(one)
            : one(row.text),
      };
    });
}
