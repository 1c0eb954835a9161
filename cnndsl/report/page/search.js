// Finding layers by path, kind or call: marked in the diagram and the table, Enter goes from one to the next.

let hits = null;

function startSearch() {
  const field = byId("search");
  field.addEventListener("input", () => find(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") { field.value = ""; find(""); field.blur(); }
  });
}

function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  hits = words.length ? layers.filter((layer) => words.every((word) => `${layer.path} ${layer.call}`.toLowerCase().includes(word))) : null;
  byId("found").value = hits ? String(hits.length) : "";
  const found = new Set(hits?.map((layer) => cards.get(layer.index)));
  for (const card of cards.values()) {
    card.classList.toggle("hit", Boolean(hits) && found.has(card));
    card.classList.toggle("dim", Boolean(hits) && !found.has(card));
  }
  filterTable();
}

function go(step) {
  if (!hits?.length) return;
  const at = hits.findIndex((layer) => layer.index === chosen.index);
  choose(hits[(at < 0 ? (step > 0 ? 0 : hits.length - 1) : at + step + hits.length) % hits.length].index, "search");
}
