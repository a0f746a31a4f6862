// Printing of what loads as it is opened: first it is there, then the browser prints it.

import { useEffect, useState } from "preact/hooks";

const LOOK_MILLISECONDS = 100;
const LONGEST_SECONDS = 10;

/** Whether all is to be shown because it is printed, and what begins that. */
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
