// Opens the desk's URL for a file: the browser saves the file without leaving the page.

export function follow(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noreferrer noopener";
  link.target = "_blank";
  link.click();
}
