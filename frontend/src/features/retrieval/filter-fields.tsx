/** Conditions on the documents that are searched, one a row. */
import Button from "@cloudscape-design/components/button";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { FIELDS, OPERATORS, type FilterRow } from "@/features/retrieval/filters";
import { uuid } from "@/shared/uuid";

const newRow = (): FilterRow => ({ id: uuid(), field: "type", name: "", op: "eq", text: "" });
const HINTS: Readonly<Record<string, string>> = {
  type: "file, text, qna, website or rssfeed",
  language: "en",
  createdAt: "2026-11-20",
};

export function FilterFields({
  rows,
  onChange,
}: {
  rows: readonly FilterRow[];
  onChange: (rows: FilterRow[]) => void;
}) {
  const change = (id: string, what: Partial<FilterRow>): void =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...what } : row)));
  return (
    <div className="filters">
      {rows.map((row) => (
        <div key={row.id} className="filter-row">
          <Select
            ariaLabel="Field"
            options={FIELDS}
            selectedOption={FIELDS.find((field) => field.value === row.field) ?? null}
            onChange={({ detail }) => change(row.id, { field: detail.selectedOption.value ?? "type" })}
          />
          {row.field === "metadata" && (
            <Input
              ariaLabel="Name of the own field"
              placeholder="year"
              value={row.name}
              onChange={({ detail }) => change(row.id, { name: detail.value })}
            />
          )}
          <Select
            ariaLabel="Comparison"
            options={OPERATORS}
            selectedOption={OPERATORS.find((one) => one.value === row.op) ?? null}
            onChange={({ detail }) => change(row.id, { op: detail.selectedOption.value as FilterRow["op"] })}
          />
          <Input
            ariaLabel="Value"
            placeholder={row.op === "in" ? "one, other" : (HINTS[row.field] ?? "")}
            value={row.text}
            onChange={({ detail }) => change(row.id, { text: detail.value })}
          />
          <Button
            formAction="none"
            iconName="close"
            variant="icon"
            ariaLabel="Remove this condition"
            onClick={() => onChange(rows.filter((one) => one.id !== row.id))}
          />
        </div>
      ))}
      <Button formAction="none" iconName="add-plus" onClick={() => onChange([...rows, newRow()])}>
        Add a condition
      </Button>
    </div>
  );
}
