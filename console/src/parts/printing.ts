// Prints content that loads lazily: loads all of it before the browser prints.

import { useEffect, useState } from "preact/hooks";

const LOOK_MILLISECONDS = 100;
const LONGEST_SECONDS = 10;

/** Whether everything must be shown for printing, and a function that starts printing. */
export function usePrinting(): [boolean, () => void] {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    if (!printing) return undefined;
    const done = (): void => setPrinting(false);
    addEventListener("afterprint", done);
    const last = Date.now() + LONGEST_SECONDS * 1000;
    const look = setInterval(() => {
      const loading = document.querySelector("main [aria-busy=true], main iframe:not([data-there])");
      if (loading && Date.now() < last) return;
      clearInterval(look);
      print();
    }, LOOK_MILLISECONDS);
    return () => {
      clearInterval(look);
      removeEventListener("afterprint", done);
    };
  }, [printing]);
  return [printing, () => setPrinting(true)];
}
