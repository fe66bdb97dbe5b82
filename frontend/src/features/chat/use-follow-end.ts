/** Keeps the end of a growing page in view while the reader is at the end, and only then. */
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

const NEAR_PX = 80;

const distance = (): number => document.documentElement.scrollHeight - window.scrollY - window.innerHeight;

/** Watch `content` grow while `enabled`. `atEnd` is false once the reader has scrolled up. */
export function useFollowEnd(
  content: RefObject<HTMLElement | null>,
  enabled: boolean,
): { atEnd: boolean; toEnd: () => void } {
  const [atEnd, setAtEnd] = useState(true);
  const following = useRef(true);
  const toEnd = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    window.scrollTo({ top: document.documentElement.scrollHeight });
  }, []);
  useEffect(() => {
    let lastTop = window.scrollY;
    const onScroll = (): void => {
      const up = window.scrollY < lastTop;
      lastTop = window.scrollY;
      if (distance() <= NEAR_PX) following.current = true;
      else if (up) following.current = false; // growth moves the end away too, but never the reader up
      setAtEnd(following.current || distance() <= NEAR_PX);
    };
    window.addEventListener("scroll", onScroll, { passive: true });
    return () => window.removeEventListener("scroll", onScroll);
  }, []);
  useEffect(() => {
    const element = content.current;
    if (element === null || !enabled) return;
    const observer = new ResizeObserver(() => {
      if (following.current) window.scrollTo({ top: document.documentElement.scrollHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [content, enabled]);
  return { atEnd, toEnd };
}
