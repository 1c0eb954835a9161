// What Python has found out about the net, and the choice of a layer, which every view follows.

const data = JSON.parse(byId("data").textContent);
const layers = range(data.layers.path?.length ?? 0).map(unpacked);
const numbers = new Map(layers.map((layer, index) => [layer.path, index]));
layers.forEach((layer, index) => Object.assign(layer, { index, place: data.places[index], readers: [] }));
for (const layer of layers) {
  layer.from ??= [];
  for (const feed of layer.from) layers[feed].readers.push(layer.index);
}

/** A layer as an object, from the columns that it lies in; 0 stands for what it does not have. */
function unpacked(index) {
  const own = Object.entries(data.layers).map(([name, column]) => [name, column.at instanceof Array ? column.of[column.at[index]] : column[index]]);
  return Object.fromEntries(own.filter(([, value]) => value !== 0));
}

const chosen = { index: -1, listeners: [], shown: [] };

/** Calls a function with every layer that is chosen from now on. */
function follow(listener) {
  chosen.listeners.push(listener);
}

/** Chooses a layer by its number; `from` names the view that asks, which need not scroll to it. */
function choose(index, from = "") {
  if (index === chosen.index || !layers[index]) return;
  chosen.index = index;
  history.replaceState(null, "", `#${encodeURIComponent(layers[index].path)}`);
  for (const listener of chosen.listeners) listener(layers[index], from);
}

function current() {
  return layers[chosen.index];
}

/** The steps of a layer's derivation as [name, letters, numbers, result]. */
function stepsOf(layer) {
  return (layer.steps ?? []).map((number) => data.steps[number]).map(([name, letters, ...rest]) => [data.words[name], data.words[letters], ...rest]);
}

/** The bytes that a step of training keeps of a layer from the run forward to the run backward. */
function kept(layer) {
  return data.memory.layers?.[layer.index]?.[1] ?? 0;
}

/** What the layer in the address names, else the first that slides a window. */
function first() {
  const asked = numbers.get(decodeURIComponent(location.hash.slice(1)));
  return asked ?? Math.max(layers.findIndex((layer) => layer.windows || layer.paints), 0);
}
