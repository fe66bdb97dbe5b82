/** Sessions under Today, Yesterday and Older, newest first, by the reader's own calendar. */
import type { Session } from "@/shared/types";

export type DayGroup = { label: "Today" | "Yesterday" | "Older"; sessions: Session[] };

function startOfDay(moment: Date, daysBack: number): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() - daysBack).getTime();
}

/** Groups without a session are left out. */
export function groupByDay(sessions: readonly Session[], now: Date): DayGroup[] {
  const today = startOfDay(now, 0);
  const yesterday = startOfDay(now, 1);
  const groups: DayGroup[] = [
    { label: "Today", sessions: [] },
    { label: "Yesterday", sessions: [] },
    { label: "Older", sessions: [] },
  ];
  const newestFirst = [...sessions].sort((one, other) => Date.parse(other.updatedAt) - Date.parse(one.updatedAt));
  for (const session of newestFirst) {
    const at = Date.parse(session.updatedAt);
    groups[at >= today ? 0 : at >= yesterday ? 1 : 2]?.sessions.push(session);
  }
  return groups.filter((group) => group.sessions.length > 0);
}
