// Follows an address that the desk gave for a file: the browser saves it, the page stays.

export function follow(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noreferrer noopener";
  link.target = "_blank";
  link.click();
}
