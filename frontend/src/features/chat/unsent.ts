/** Questions that the server has not accepted yet, kept in this tab over a reload. */
import type { RunData } from "@/shared/types";

export type Unsent = { run: RunData; at: string };

/** One user's: nobody else asks them by signing in here afterwards. Where storage is refused they last as long as the page. */
export class UnsentQuestions {
  private readonly key: string;

  constructor(userId: string) {
    this.key = `kosha.unsent.${userId}`;
  }

  all(): Unsent[] {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "[]") as Unsent[];
    } catch {
      return [];
    }
  }

  keep(unsent: Unsent): void {
    this.write([...this.all(), unsent]);
  }

  drop(messageId: string): void {
    const all = this.all();
    const left = all.filter(({ run }) => run.messageId !== messageId);
    if (left.length < all.length) this.write(left);
  }

  private write(all: readonly Unsent[]): void {
    try {
      sessionStorage.setItem(this.key, JSON.stringify(all));
    } catch {
      return;
    }
  }
}
