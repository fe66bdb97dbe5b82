import { expect, test } from "vitest";
import { groupByDay } from "@/features/sessions/group-by-day";

const session = (id: string, updatedAt: Date) => ({
  id,
  title: id,
  createdAt: updatedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

test("sessions fall under the reader's own days, newest first, and empty groups are left out", () => {
  const now = new Date(2026, 10, 20, 0, 30);
  const groups = groupByDay(
    [
      session("late", new Date(2026, 10, 19, 23, 59)),
      session("older", new Date(2026, 10, 18, 23, 59)),
      session("early", new Date(2026, 10, 19, 0, 0)),
    ],
    now,
  );
  expect(groups.map((group) => [group.label, group.sessions.map((one) => one.id)])).toEqual([
    ["Yesterday", ["late", "early"]],
    ["Older", ["older"]],
  ]);
});
