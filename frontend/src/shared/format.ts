/** Numbers, sizes and times as a person reads them. */
const SIZE_UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;
const counts = new Intl.NumberFormat("en");
const fullDate = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** 1536 -> "1.5 kB" (thousands, as disks are sold). */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${SIZE_UNITS[unit]}`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${counts.format(value)} ${value === 1 ? one : many}`;
}

/** 412 -> "0.4 s", 12_340 -> "12 s". */
export function seconds(ms: number): string {
  const value = ms / 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

/** 95 -> "about 2 minutes left"; nothing where it is not known, or hardly worth telling. */
export function timeLeft(left: number | undefined): string | undefined {
  if (left === undefined || left < 5) return undefined;
  if (left < 55) return `about ${Math.ceil(left / 10) * 10} seconds left`;
  if (left < 5_400) return `about ${count(Math.max(1, Math.round(left / 60)), "minute")} left`;
  return `about ${count(Math.round(left / 3600), "hour")} left`;
}

/** "3 minutes ago"; both ms since 1970. */
export function ago(then: number, now: number): string {
  const difference = (then - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(difference) >= length) return relative.format(Math.trunc(difference / length), unit);
  }
  return "just now";
}

export function fullTime(moment: string): string {
  return fullDate.format(new Date(moment));
}
