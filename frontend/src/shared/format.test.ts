import { expect, test } from "vitest";
import { ago, count, seconds, size, timeLeft } from "@/shared/format";

test("sizes carry their unit and at most one decimal", () => {
  expect([0, 999, 1000, 1536, 99_950, 104_857_600, 2.5e9].map(size)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "1.5 kB",
    "100 kB",
    "105 MB",
    "2.5 GB",
  ]);
});

test("counts know one from many", () => {
  expect([count(1, "document"), count(0, "document"), count(12_000, "entry", "entries")]).toEqual([
    "1 document",
    "0 documents",
    "12,000 entries",
  ]);
});

test("durations are short", () => {
  expect([seconds(0), seconds(412), seconds(12_340)]).toEqual(["0.0 s", "0.4 s", "12 s"]);
});

test("moments are relative to now", () => {
  const now = Date.UTC(2026, 10, 20, 12);
  expect([5, 180, 7200, 86_400, 86_400 * 40].map((s) => ago(now - s * 1000, now))).toEqual([
    "just now",
    "3 minutes ago",
    "2 hours ago",
    "yesterday",
    "last month",
  ]);
});

test("time left is told roughly, and not at all where it is short or unknown", () => {
  expect([undefined, 2, 12, 80, 290, 4000, 9000].map(timeLeft)).toEqual([
    undefined,
    undefined,
    "about 20 seconds left",
    "about 1 minute left",
    "about 5 minutes left",
    "about 67 minutes left",
    "about 3 hours left",
  ]);
});
