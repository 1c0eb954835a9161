// Light or dark: as the system has it, until one chooses.

function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark", (remembered() ?? (system.matches ? "dark" : "light")) === "dark");
  system.addEventListener("change", paint);
  byId("theme").addEventListener("click", turn);
  paint();
}

function turn() {
  const dark = document.documentElement.classList.toggle("dark");
  try {
    localStorage.setItem("cnndsl-theme", dark ? "dark" : "light");
  } catch {
    // a page of a file may not be allowed to keep anything: the choice then holds until it is closed
  }
}

function remembered() {
  try {
    return localStorage.getItem("cnndsl-theme");
  } catch {
    return null;
  }
}
