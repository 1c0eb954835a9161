// The diagram linked with everything else: a click chooses a layer, the chosen one is marked and brought into view.

const cards = new Map();

function startDiagram() {
  const svg = byId("canvas").querySelector("svg");
  if (!svg) {
    byId("canvas").append(h("div", { class: "panel" }, withoutPicture()));
    return;
  }
  for (const layer of layers) {
    const card = cardOf(layer);
    if (!card) continue;
    cards.set(layer.index, card);
    card.classList.add("card");
    card.dataset.layers = [card.dataset.layers, layer.index].filter((part) => part !== undefined).join(" ");
  }
  startZoom();
  svg.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card && view.moved <= 3) choose(Number(nextOn(card)), "diagram");
  });
  startTip(svg);
  follow(mark);
}

/** The box of a layer, alone or with others; one that does nothing is shown by what it is given. */
function cardOf(layer) {
  const box = data.diagram.boxes[layer.index];
  if (box < 0 && layer.from.length) return cardOf(layers[layer.from[0]]);
  return byId(`c${box}`);
}

/** The layer of a box that a click means: the first, or behind the chosen one the next. */
function nextOn(card) {
  const own = card.dataset.layers.split(" ");
  return own[(own.indexOf(String(chosen.index)) + 1) % own.length];
}

function mark(layer, from) {
  for (const old of document.querySelectorAll("#canvas .picked, #canvas .flow")) old.classList.remove("picked", "flow");
  const card = cards.get(layer.index);
  if (!card) return;
  card.classList.add("picked");
  for (const edge of edges(card)) edge.classList.add("flow");
  if (from !== "diagram") bring(card);
}

/** The arrows into a box and out of it. */
function edges(card) {
  const box = Number(card.id.slice(1));
  return data.diagram.links.flatMap((ends, number) => (ends.includes(box) ? byId(`e${number}`) ?? [] : []));
}

function startTip(svg) {
  const tip = h("div", { id: "tip", hidden: true });
  byId("canvas").append(tip);
  svg.addEventListener("pointermove", (event) => {
    const card = event.target.closest(".card");
    tip.hidden = !card || event.buttons > 0;
    if (tip.hidden) return;
    tip.textContent = toldOf(card.dataset.layers.split(" ").map((index) => layers[index]));
    const frame = byId("canvas").getBoundingClientRect();
    tip.style.left = `${clamp(event.clientX - frame.left + 14, 4, Math.max(frame.width - tip.offsetWidth - 6, 4))}px`;
    tip.style.top = `${clamp(event.clientY - frame.top + 16, 4, Math.max(frame.height - tip.offsetHeight - 6, 4))}px`;
  });
  svg.addEventListener("pointerleave", () => (tip.hidden = true));
}

/** What stands in a box: each of a few layers, or how many there are. */
function toldOf(own) {
  if (own.length <= 4) return own.map(told).join("\n\n");
  return `${own[0].path} to ${own.at(-1).path}\n${own.length} layers, click by click`;
}

function told(layer) {
  const counts = [["params", "parameters"], ["macs", "MACs"]];
  const said = counts.filter(([name]) => layer[name] !== undefined).map(([name, what]) => `${count(layer[name])} ${what}`);
  return [layer.path, layer.call, `gives ${size(layer.out)}`, ...said, layer.field ? `field ${layer.field}` : ""].filter(Boolean).join("\n");
}

function withoutPicture() {
  const problem = data.diagnostics.find((each) => /^[EW]65/.test(each.code));
  const list = h("ol", { class: "small" }, layers.map((layer) =>
    h("li", {}, h("button", { type: "button", onclick: () => choose(layer.index) }, `${layer.path} → ${size(layer.out)}`))));
  return [problem && h("p", { class: "notice" }, `No diagram: ${problem.message}. `, ...problem.helps), list];
}
