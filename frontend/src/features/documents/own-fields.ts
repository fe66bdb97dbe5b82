/** A document's own fields as lines a person types: "year = 2026". */
export type OwnFields = Record<string, string | number | boolean>;

export function toLines(fields: OwnFields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} = ${value}`)
    .join("\n");
}

/** Numbers and truth values are what they look like; a line without "=" is a field that is true. */
export function fromLines(text: string): OwnFields {
  const fields: OwnFields = {};
  for (const line of text.split("\n")) {
    const [name = "", ...rest] = line.split("=");
    if (name.trim() === "") continue;
    fields[name.trim()] = rest.length === 0 ? true : valueOf(rest.join("=").trim());
  }
  return fields;
}

function valueOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && String(Number(text)) === text ? Number(text) : text;
}
