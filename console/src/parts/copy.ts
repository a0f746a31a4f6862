// Copies to the clipboard, if the browser allows it.

import { say } from "./live";
import { words } from "../words";

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    say(words.notCopied);
    return false;
  }
}
