// The table of layers: sorted by any column, linked with the diagram both ways.

const COLUMNS = [
  ["layer", (layer) => layer.index, null],
  ["output", (layer) => product(layer.out.map((extent) => extent ?? 0)), (layer) => size(layer.out)],
  ["parameters", (layer) => layer.params ?? 0, (layer) => layer.params === undefined ? "" : count(layer.params)],
  ["MACs", (layer) => layer.macs ?? 0, (layer) => layer.macs === undefined ? "" : count(layer.macs)],
  ["field", (layer) => parseInt(layer.field, 10) || (layer.field ? Infinity : 0), (layer) => layer.field ?? ""],
  ["jump", (layer) => parseFloat(layer.jump) || 0, (layer) => layer.jump ?? ""],
  ["kept", kept, (layer) => kept(layer) ? bytes(kept(layer)) : ""],
  ["without sharing", (layer) => layer.unshared ?? 0, (layer) => layer.unshared === undefined ? "" : count(layer.unshared)],
  ["connections", (layer) => layer.connections ?? 0, (layer) => layer.connections === undefined ? "" : count(layer.connections)],
  ["fully connected", (layer) => layer.connected ?? 0, (layer) => layer.connected === undefined ? "" : count(layer.connected)],
];
const order = { column: 0, down: false };
const rows = new Map();

function tableOfLayers() {
  const heads = COLUMNS.map(([name], column) =>
    h("th", { class: column > 1 ? "number" : "", scope: "col" }, h("button", { type: "button", onclick: () => sortBy(column) }, name)));
  const body = h("tbody", { id: "rows" });
  for (const layer of layers) {
    const row = h("tr", { "data-layer": layer.index, onclick: () => choose(layer.index, "table") },
      h("td", { title: `${layer.path} = ${layer.call}` }, badge(layer), layer.path),
      COLUMNS.slice(1).map(([, , written], column) => h("td", { class: column > 0 ? "number" : "" }, written(layer))));
    rows.set(layer.index, row);
  }
  const total = { 2: data.totals.params, 3: data.totals.macs };
  const foot = h("tfoot", {}, h("tr", {}, COLUMNS.map((_, column) =>
    h("td", { class: column > 1 ? "number" : "" }, column === 0 ? "all" : column in total ? count(total[column]) : ""))));
  const table = h("table", { class: "layers", id: "table" }, h("thead", {}, h("tr", {}, heads)), body, foot);
  follow(pickRow);
  queueMicrotask(() => { sortBy(0); current() && pickRow(current(), ""); });
  return table;
}

/** A spot in the colour of the layer's family. */
function badge(layer) {
  const spot = h("span", { class: "mark", title: layer.family });
  spot.style.background = `var(--${layer.family}-fill, var(--cell))`;
  spot.style.borderColor = `var(--${layer.family}, var(--ink))`;
  return spot;
}

function sortBy(column) {
  order.down = order.column === column ? !order.down : column > 1;
  if (column === 0 && !byId("table").dataset.sorted) order.down = false;
  order.column = column;
  const key = COLUMNS[column][1];
  const sorted = [...layers].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.index - b.index) * (order.down ? -1 : 1));
  byId("rows").append(...sorted.map((layer) => rows.get(layer.index)));
  byId("table").dataset.sorted = "yes";
  [...byId("table").tHead.rows[0].cells].forEach((cell, number) => {
    if (number === column) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
}

function pickRow(layer, from) {
  for (const [index, row] of rows) {
    row.classList.toggle("picked", index === layer.index);
    row.classList.toggle("near", layer.from.includes(index) || layer.readers.includes(index));
  }
  const row = rows.get(layer.index);
  if (from !== "table" && row?.offsetParent) row.scrollIntoView({ block: "center" });
}

/** Shows the rows that were looked for, or all. */
function filterTable() {
  const found = hits && new Set(hits.map((layer) => layer.index));
  for (const [index, row] of rows) row.hidden = Boolean(found) && !found.has(index);
}
