/** The conversation that has not begun yet: it keeps its page when its first question gives it an address. */
import { navigate } from "@/shared/router";
import { Store } from "@/shared/store";
import { uuid } from "@/shared/uuid";

export const nextSession = new Store(uuid());

export function newChat(): void {
  nextSession.set(uuid());
  navigate("/");
}
