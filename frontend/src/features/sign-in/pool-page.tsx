/** Signing in at a user pool of Cognito. Which form stands here is for pool-flow.ts to say. */
import { useEffect, useReducer, useState } from "react";
import { begin, goOn, type Step } from "@/features/sign-in/pool";
import { reduceFlow, START, type Flow } from "@/features/sign-in/pool-flow";
import { Code, CodeSetup, Forgot, NewPassword, Password, Reset } from "@/features/sign-in/pool-forms";
import { forgetReturn, readReturn, type Return } from "@/features/sign-in/provider-return";
import { ENDED } from "@/features/sign-in/words";
import { admit, hasEnded } from "@/shared/auth";
import { cognitoDesk, justSignedIn } from "@/shared/cognito-desk";
import { sentence } from "@/shared/cognito-words";
import type { Cognito } from "@/shared/place";
import { messageOf, Refused } from "@/shared/problem";
import { Waiting } from "@/shared/states";

const refusedBy = (why: string): string => sentence(`The sign-in was refused: ${why}`);

/** After another house's page, after a sign-in that ended, or plainly. */
function beginning(back: Return | null): Flow {
  if (back !== null && !back.isGranted) return { ...START, note: { type: "error", text: refusedBy(back.why) } };
  return hasEnded.get() ? { ...START, note: ENDED } : START;
}

export function PoolPage({ pool }: { pool: Cognito }) {
  const [back] = useState(() => readReturn(location.href));
  const [flow, tell] = useReducer(reduceFlow, back, beginning);
  const [isArriving, setArriving] = useState(back?.isGranted ?? false);
  useEffect(() => {
    cognitoDesk(pool); // Amplify takes a code that the page came back with, once it knows the pool
    if (!isArriving) return forgetReturn();
    arrive(pool)
      .catch((error: unknown) => tell({ type: "begunAgain", why: refusedBy(messageOf(error)) }))
      .finally(() => setArriving(false));
  }, [pool, isArriving]);
  if (isArriving) return <Waiting label="Signing in" lines={0} />;

  const { stage, userName } = flow;
  const provider = pool.signInDomain ? pool.identityProvider : undefined;
  const entered = async (step: Promise<Step>): Promise<Step> => {
    const next = await step;
    if (next.name === "done") await arrive(pool);
    return next;
  };
  const form = { flow, tell };
  const answered = { ...form, send: (answer: string) => entered(goOn(userName, answer)) };
  switch (stage.name) {
    case "password":
      return <Password {...form} provider={provider} send={(name, password) => entered(begin(name, password))} />;
    case "newPassword":
      return <NewPassword {...answered} />;
    case "code":
      return <Code {...answered} />;
    case "codeSetup":
      return <CodeSetup {...answered} secret={stage.secret} link={stage.link} />;
    case "forgot":
      return <Forgot {...form} mustReset={stage.mustReset} />;
    case "reset":
      return <Reset {...form} sentTo={stage.sentTo} />;
  }
}

/** Let in whom Amplify has signed in. */
async function arrive(pool: Cognito): Promise<void> {
  if (admit(await justSignedIn(pool)) === null) throw new Refused(401, "Nobody was signed in. Try again.");
}
