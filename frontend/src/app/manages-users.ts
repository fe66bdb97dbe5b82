/** Whether somebody manages the people here: administrators do, except where a user pool has them. */
import { useQuery } from "@tanstack/react-query";
import { place } from "@/shared/place";
import { meQuery } from "@/shared/queries";
import type { User } from "@/shared/types";

/** Until the server has told, as it is likely to: the page does not jump then. */
export function useManagesUsers(user: User): boolean {
  const me = useQuery(meQuery);
  const isLikely = place.get().signIn === "local" && user.roles.includes("admin");
  return me.data?.features.manageUsers ?? isLikely;
}
