// The keyboard: everything that a click does can be done without one.

const KEYS = [
  ["j  k", "next layer, layer before"], ["↓ ↑", "the same, in the diagram"], ["/", "find a layer; Enter goes from one to the next"],
  ["+  −  0", "diagram larger, smaller, all of it"], ["Shift + arrows", "move the diagram"],
  ["1 … 9", "a tab of the network"], ["f r w u", "formulas, receptive field, window step by step, units"], ["t", "light or dark"], ["?", "these keys"],
];
const LAYER_TABS = { f: "formulas", r: "field", w: "slide", u: "units" };

function startKeys() {
  byId("help").append(h("h2", {}, "Keys"), h("table", {}, h("tbody", {}, KEYS.map(([key, what]) => h("tr", {}, h("td", {}, h("kbd", {}, key)), h("td", {}, what))))),
    h("form", { method: "dialog", class: "row" }, h("button", {}, "close")));
  byId("keys").addEventListener("click", () => byId("help").showModal());
  document.addEventListener("keydown", key);
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const done = event.target.id === "canvas" && arrow(event) || plain(event.key);
  if (done) event.preventDefault();
}

function arrow(event) {
  const ways = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
  const way = ways[event.key];
  if (!way || !view.svg) return false;
  if (event.shiftKey) pan(-60 * way[0], -60 * way[1]);
  else choose(chosen.index + (way[0] || way[1]), "keys");
  return true;
}

function plain(name) {
  const actions = {
    j: () => choose(chosen.index + 1), k: () => choose(chosen.index - 1), t: turn, "?": () => byId("help").showModal(),
    "/": () => byId("search").focus(), "+": () => view.svg && zoomAt(0.7), "=": () => view.svg && zoomAt(0.7), "-": () => view.svg && zoomAt(1 / 0.7), 0: () => view.svg && fit(),
  };
  const ofNet = panels.filter((panel) => panel.pane === "net")[Number(name) - 1];
  if (actions[name]) actions[name]();
  else if (LAYER_TABS[name]) open(LAYER_TABS[name]);
  else if (ofNet) show(ofNet);
  else return false;
  return true;
}
