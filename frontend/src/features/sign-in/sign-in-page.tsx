/** Signing in at the server itself: by name and password, or by the link that it printed. */
import Box from "@cloudscape-design/components/box";
import { useState } from "react";
import { NameAndPassword } from "@/features/sign-in/fields";
import { SignInBox, type Note } from "@/features/sign-in/sign-in-box";
import { ENDED } from "@/features/sign-in/words";
import { admit, hasEnded } from "@/shared/auth";
import { byPassword } from "@/shared/local-desk";
import { messageOf } from "@/shared/problem";
import { useStore } from "@/shared/store";

/** `linkError`: why a sign-in link did not work. */
export function SignInPage({ linkError }: { linkError: unknown }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const ended = useStore(hasEnded);
  const note: Note | null = linkError ? { type: "error", text: messageOf(linkError) } : ended ? ENDED : null;
  return (
    <SignInBox
      title="Sign in to Kosha"
      note={note}
      verb="Sign in"
      isReady={name.trim() !== "" && password !== ""}
      send={() => byPassword(name.trim(), password)}
      onDone={admit}
      foot={
        <Box variant="small" color="text-body-secondary">
          First time here? Open the sign-in link that the server printed when it started.
        </Box>
      }
    >
      <NameAndPassword name={name} password={password} onName={setName} onPassword={setPassword} />
    </SignInBox>
  );
}
