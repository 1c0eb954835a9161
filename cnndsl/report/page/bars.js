// Bars: where the parameters, the multiply-accumulates and the memory are.

const MEASURES = {
  parameters: [(layer) => layer.params ?? 0, count],
  MACs: [(layer) => layer.macs ?? 0, count],
  "activations kept for training": [kept, bytes],
  "values of the output": [(layer) => layer.activations ?? 0, count],
};
const shownBars = { measure: "parameters", sorted: false };

function barsOfLayers() {
  const choice = h("div", { class: "row" }, Object.keys(MEASURES).map((name) =>
    h("button", { type: "button", "aria-pressed": String(name === shownBars.measure), onclick: (event) => {
      shownBars.measure = name;
      for (const each of event.target.parentNode.children) if (each.dataset.sort === undefined) each.setAttribute("aria-pressed", String(each === event.target));
      paintBars();
    } }, name)), h("button", { type: "button", "data-sort": "", "aria-pressed": "false", onclick: (event) => {
      shownBars.sorted = !shownBars.sorted;
      event.target.setAttribute("aria-pressed", String(shownBars.sorted));
      paintBars();
    } }, "largest first"));
  queueMicrotask(paintBars);
  follow((layer) => document.querySelectorAll("#bars [data-layer]").forEach((bar) =>
    bar.classList.toggle("picked", Number(bar.dataset.layer) === layer.index)));
  return [choice, h("h3", { id: "bartotal" }), h("div", { class: "bars", id: "families" }), h("h3", {}, "By layer"), h("div", { class: "bars", id: "bars" })];
}

function paintBars() {
  const [measure, written] = MEASURES[shownBars.measure];
  const own = layers.filter((layer) => measure(layer) > 0);
  if (shownBars.sorted) own.sort((a, b) => measure(b) - measure(a));
  const total = own.reduce((sum, layer) => sum + measure(layer), 0);
  const most = Math.max(...own.map(measure), 1);
  byId("bartotal").textContent = `${written(total)} ${shownBars.measure === "parameters" || shownBars.measure === "MACs" ? shownBars.measure : `of ${shownBars.measure}`}, by family`;
  const kinds = new Map();
  for (const layer of own) kinds.set(layer.family, (kinds.get(layer.family) ?? 0) + measure(layer));
  const share = (value) => `${((100 * value) / Math.max(total, 1)).toFixed(1)} %`;
  byId("families").replaceChildren(...[...kinds].sort((a, b) => b[1] - a[1]).flatMap(([family, value]) =>
    bar(family, value / total, `var(--${family}, var(--ink))`, share(value))));
  byId("bars").replaceChildren(...own.map((layer) =>
    h("button", { type: "button", "data-layer": layer.index, class: layer.index === chosen.index ? "picked" : "", title: `${layer.path}: ${written(measure(layer))}, ${share(measure(layer))}`, onclick: () => choose(layer.index, "bars") },
      bar(layer.path, measure(layer) / most, `var(--${layer.family}, var(--ink))`, written(measure(layer))))));
}

function bar(name, part, colour, value) {
  const fill = h("div", { class: "fill" });
  fill.style.width = `${100 * part}%`;
  fill.style.background = colour;
  return [h("span", { class: "name" }, name), h("span", { class: "track" }, fill), h("span", { class: "value" }, value)];
}
