// A page that a server shows asks it for changes, and loads again when the file was saved.

function startLive() {
  const ask = async () => {
    try {
      const answer = await fetch("version", { cache: "no-store" });
      const version = await answer.text();
      if (Number(version) !== data.version) {
        location.reload();
        return;
      }
      document.documentElement.classList.remove("alone");
    } catch {
      document.documentElement.classList.add("alone");
    }
    setTimeout(ask, 500);
  };
  ask();
}
