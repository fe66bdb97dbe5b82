/** The sources of the answer that is being drawn, for the marks in its text. */
import { createContext } from "react";
import type { Citation, Hit } from "@/shared/types";

/** A stored citation of a document that was deleted keeps its title only. */
export type Source = Citation & { deleted?: boolean };

export type Sources = {
  citations: readonly Source[];
  hits: readonly Hit[];
  workspaceId: string | null;
  /** True once no more text or sources will come. */
  complete: boolean;
  onCite: (source: Source) => void;
};

export const SourcesContext = createContext<Sources>({
  citations: [],
  hits: [],
  workspaceId: null,
  complete: true,
  onCite: () => undefined,
});

export const placeOf = (source: Source): string =>
  source.page ? `${source.title}, page ${source.page}` : source.title;
