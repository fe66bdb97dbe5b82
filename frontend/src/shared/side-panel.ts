/** The panel beside the page: a page puts something in, the shell shows it. */
import type { ReactNode } from "react";
import { Store } from "@/shared/store";

/** `id` tells whether the same thing is asked for again. */
export type SidePanel = { id: string; title: string; content: ReactNode };

export const sidePanel = new Store<SidePanel | null>(null);
