/** Whether a media query holds now. */
import { useSyncExternalStore } from "react";

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** A phone, or a window as narrow as one. */
export function useNarrow(): boolean {
  return useMedia("(max-width: 688px)");
}
