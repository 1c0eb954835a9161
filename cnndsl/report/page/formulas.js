// One layer taken apart: its equation, and each number with the formula that it comes from.

const COUNTS = [
  ["params", "parameters"], ["unshared", "without sharing"], ["connected", "fully connected"], ["macs", "MACs"],
  ["connections", "connections"],
];

function formulasOf(layer) {
  const memory = data.memory.layers?.[layer.index] ?? [0, 0];
  const cards = [
    ...COUNTS.filter(([name]) => layer[name] !== undefined).map(([name, title]) => [title, count(layer[name])]),
    memory[0] ? ["weights in memory", bytes(memory[0])] : null,
    memory[1] ? ["kept for training", bytes(memory[1])] : null,
    layer.field ? ["receptive field", layer.field] : null,
  ].filter(Boolean);
  return [
    data.words[layer.equation] ? h("code", { class: "equation" }, data.words[layer.equation]) : null,
    h("div", { class: "cards" }, cards.map(([title, value]) => h("div", {}, h("b", {}, value), h("span", {}, title)))),
    h("table", { class: "steps" }, h("tbody", {}, stepsOf(layer).map(stepRow))),
    around(layer),
  ];
}

/** `weights`: the formula in letters, the same with numbers, and what it comes to. */
function stepRow([name, letters = "", numbers = "", result = ""]) {
  const plain = numbers === result ? "" : numbers;
  return h("tr", {}, h("td", {}, name), h("td", {},
    letters ? h("div", { class: plain || result ? "letters" : "numbers" }, letters) : null,
    plain ? h("div", { class: "numbers" }, `= ${plain}`) : null,
    result ? h("div", { class: "result" }, `= ${result}`) : null));
}

/** The layers before and behind, to go there. */
function around(layer) {
  const links = (title, list) => list.length ? h("p", { class: "row small" }, h("span", { class: "soft" }, title), list.map((index) =>
    h("button", { type: "button", onclick: () => choose(index) }, layers[index].path))) : null;
  return h("div", {}, h("h3", {}, "Beside it"), links("reads", layer.from), links("read by", layer.readers));
}

/** The head of the layer's pane. */
function titleOf(layer) {
  byId("title").replaceChildren(
    h("div", { class: "grow" }, h("h2", {}, badge(layer), layer.path),
      h("div", { class: "soft" }, h("code", {}, layer.call), [layer.from.map((feed) => size(layers[feed].out)).join(", "), size(layer.out)].filter(Boolean).join(" → "))),
    h("button", { type: "button", title: "Layer before (k)", "aria-label": "Layer before", onclick: () => choose(layer.index - 1), disabled: layer.index === 0 }, "‹"),
    h("button", { type: "button", title: "Next layer (j)", "aria-label": "Next layer", onclick: () => choose(layer.index + 1), disabled: layer.index === layers.length - 1 }, "›"));
}
