/** What both ways of signing in say alike. */
import type { Note } from "@/features/sign-in/sign-in-box";

export const ENDED: Note = { type: "info", text: "Your sign-in has ended. Sign in again to go on where you were." };
