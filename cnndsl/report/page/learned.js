// What the net has learned: its filters as images, its scores for some examples, where it is wrong.

const watched = { image: 0 };

/** The bytes of a base64 text. */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** A canvas with grey or coloured cells: `at(row, column)` gives the place of a cell's first byte, `channels` 1 or 3. */
function bitmap(pixels, height, width, channels, at) {
  const canvas = h("canvas", { width, height });
  const image = new ImageData(width, height);
  for (const row of range(height)) {
    for (const column of range(width)) {
      const from = at(row, column), to = 4 * (row * width + column);
      for (const colour of [0, 1, 2]) image.data[to + colour] = pixels[from + (channels === 3 ? colour : 0)];
      image.data[to + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function imageOf({ shape: [height, width, channels], pixels }) {
  return bitmap(bytesOf(pixels), height, width, channels, (row, column) => (row * width + column) * channels);
}

/** The address of the example that was chosen, to lay it under a receptive field; null without data. */
function addressOf(extents) {
  const image = data.learned?.images?.[watched.image];
  return image && image.shape[0] === extents[0] && image.shape[1] === extents[1] ? imageOf(image).toDataURL() : null;
}

function filtersOf(layer) {
  const found = data.learned.filters[layer.index];
  if (!found) return h("p", { class: "soft" }, `${layer.path} has no filters that are images.`);
  const [filters, height, width, channels] = found.shape;
  const pixels = bytesOf(found.pixels), colour = found.all[3] === 3;
  const tile = (filter, channel) => bitmap(pixels, height, width, colour ? 3 : 1,
    (row, column) => ((filter * height + row) * width + column) * channels + channel);
  const rows = range(filters).map((filter) => h("div", { class: "tiles" }, colour ? tile(filter, 0) : range(channels).map((channel) => tile(filter, channel))));
  const shown = colour ? `${filters} of ${found.all[0]} filters in colour` : found.all[3] === 1 ? `${filters} of ${found.all[0]} filters` : `${filters} of ${found.all[0]} filters, a row each, with ${channels} of ${found.all[3]} channels`;
  return [h("p", { class: "small soft" }, `${shown}. Grey is 0, white and black are ±${found.most.toPrecision(3)}.`), h("div", { class: `filters${colour || channels === 1 ? " flow" : ""}` }, rows)];
}

/** What a layer gives for the example that was chosen: a tile for each channel. */
function activationsOf(layer) {
  const found = data.learned.maps?.[layer.index];
  if (!found) return h("p", { class: "soft" }, `No activations are kept of ${layer.path}: they are of convolutions, pools and fully connected layers${data.learned.images ? "" : ", with --data"}.`);
  const [examples, height, width, channels] = found.shape;
  const example = Math.min(watched.image, examples - 1), pixels = bytesOf(found.pixels);
  const tile = (channel) => bitmap(pixels, height, width, 1, (row, column) => ((example * height + row) * width + column) * channels + channel);
  return [
    h("p", { class: "row small soft" }, imageOf(data.learned.images[example]), `${height === 1 && channels === 1 ? `${width} values` : `${channels} of ${found.all} channels`}; black is ${found.low.toPrecision(3)}, white ${found.high.toPrecision(3)}. Another example is chosen under Scores.`),
    h("div", { class: `maps${height === 1 ? " flat" : ""}` }, range(channels).map(tile)),
  ];
}

function scoresOfNet() {
  const found = data.learned;
  if (found.missing) return h("p", { class: "notice" }, found.missing);
  if (!found.images) return h("p", { class: "soft" }, "With --data, scores, a confusion matrix and the worst mistakes are shown here.");
  const top = h("div", { id: "top" });
  const paint = (index) => {
    watched.image = index;
    top.replaceChildren(topFive(found.images[index]), reasonsOf(index));
    ["field", "activations", "volumes"].forEach(stale);
  };
  const pick = h("div", { class: "examples" }, found.images.map((image, index) => h("button", { type: "button", title: found.classes[image.label], onclick: () => paint(index) }, imageOf(image))));
  paint(watched.image);
  return [
    h("div", { class: "cards" }, h("div", {}, h("b", { id: "right" }, `${((100 * found.right) / found.examples).toFixed(2)} %`), h("span", {}, `right, of ${count(found.examples)} ${found.part}`))),
    h("h3", {}, "The five best guesses"), pick, top, ...idealsOf(found), ...leftOut(), ...nearnessOf(found), h("h3", {}, "Confusion: rows are what it is, columns what the net says"), confusion(found),
    h("h3", {}, "The worst mistakes"), h("div", { class: "examples" }, found.mistakes.map((image) => h("figure", {}, imageOf(image),
      h("figcaption", { class: "small" }, `${found.classes[image.label]}, says ${found.classes[image.top[0][0]]} (${(100 * image.top[0][1]).toFixed(0)} %)`)))),
  ];
}

/** Which pixels of an example its likeliest class depends on, told in several ways. */
function reasonsOf(index) {
  const found = (data.learned.reasons ?? []).filter(({ images }) => images[index]);
  return h("div", { class: "examples reasons" }, found.map(({ name, images }) =>
    h("figure", {}, imageOf(images[index]), h("figcaption", { class: "small" }, name))));
}

function topFive(image) {
  return h("div", { class: "bars" }, image.top.flatMap(([number, score]) =>
    bar(data.learned.classes[number] + (number === image.label ? " ✓" : ""), score, number === image.label ? "var(--pool)" : "var(--faint)", `${(100 * score).toFixed(1)} %`)));
}

/** A table of few classes; of many the pairs that are confused most. */
function confusion({ confusion: pairs, classes }) {
  const wrong = pairs.filter(([is, says]) => is !== says).sort((a, b) => b[2] - a[2]);
  if (classes.length > 30) return facts(wrong.slice(0, 20).map(([is, says, times]) => [`${classes[is]} as ${classes[says]}`, count(times)]));
  const cells = new Map(pairs.map(([is, says, times]) => [`${is},${says}`, times]));
  const most = Math.max(...wrong.map((pair) => pair[2]), 1);
  return h("div", { class: "scroll" }, h("table", { class: "confusion", id: "confusion" }, h("tbody", {},
    h("tr", {}, h("td"), classes.map((name) => h("th", { scope: "col" }, name))),
    range(classes.length).map((is) => h("tr", {}, h("th", { scope: "row" }, classes[is]), range(classes.length).map((says) => {
      const times = cells.get(`${is},${says}`) ?? 0;
      const cell = h("td", { class: is === says ? "right" : "", "data-pair": `${is},${says}` }, times ? String(times) : "");
      if (times && is !== says) cell.style.background = `color-mix(in srgb, var(--hot) ${Math.round((70 * times) / most) + 10}%, transparent)`;
      return cell;
    }))))));
}
