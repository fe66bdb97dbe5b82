/** How often something is looked at again. */
export const EVERY = [
  { value: "", label: "Only when asked" },
  { value: "15", label: "Every 15 minutes" },
  { value: "60", label: "Every hour" },
  { value: "1440", label: "Every day" },
  { value: "10080", label: "Every week" },
] as const;

type Option = { value: string; label: string };

/** The option for so many minutes; one of its own for a number that is not among them. */
export function everyOf(minutes: number | null | undefined): Option {
  const value = minutes ? String(minutes) : "";
  return EVERY.find((one) => one.value === value) ?? { value, label: `Every ${value} minutes` };
}
