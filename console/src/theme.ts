// Light or dark: the system's setting, unless the user has chosen otherwise in this browser.

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const STORED = "console-theme";

function stored(): Theme {
  const value = localStorage.getItem(STORED);
  return value === "light" || value === "dark" ? value : "system";
}

export const theme = signal<Theme>(stored());

effect(() => {
  if (theme.value === "system") {
    delete document.documentElement.dataset["theme"];
    localStorage.removeItem(STORED);
  } else {
    document.documentElement.dataset["theme"] = theme.value;
    localStorage.setItem(STORED, theme.value);
  }
});
