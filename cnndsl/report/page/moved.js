// Whether a layer goes along with a moved image, and how little it changes with it.

function movedOf(layer) {
  const found = data.learned.moved[layer.index], maxima = maximaOf(layer);
  if (!found) return maxima.length ? maxima : [h("p", { class: "soft" }, `It is not measured of ${layer.path}: it is of convolutions and pools that give maps, of a few where there are many.`), ...leftOut()];
  const head = ["T", "f(Tx) off T f(x), inside", "with the border", "f(Tx) off f(x)", found.reads ? `the same of ${found.reads}` : null];
  return [
    h("p", { class: "small soft" }, `Of ${count(found.images)} images x: 0 in the second column means that the maps go along with the image exactly, 0 in the fourth that they do not change at all.`),
    h("div", { class: "scroll" }, h("table", { class: "confusion", id: "moved" }, h("tbody", {},
      h("tr", {}, head.filter(Boolean).map((name) => h("th", { scope: "col" }, name))),
      found.rows.map(([kind, amount, unit, ...parts], row) => h("tr", {}, h("th", { scope: "row" }, `${kind} ${amount} ${unit}`),
        [...parts, ...(found.reads ? [found.before[row]] : [])].map((part) => h("td", {}, share(part)))))))),
    ...maxima,
  ];
}

/** What a maximum over detectors has learned to answer alike, when images are turned. */
function maximaOf(layer) {
  const units = data.learned.maxima[layer.index];
  if (!units) return [];
  return [
    h("h3", {}, "Learned invariance"),
    h("p", { class: "small soft" }, "The least answer over the largest when images are turned by up to 45 degrees: a maximum over detectors of the same thing at different angles keeps more than each of them."),
    h("div", { class: "scroll" }, h("table", { class: "confusion", id: "maxima" }, h("tbody", {},
      units.map(([[unit, kept], ...detectors]) => h("tr", {}, h("th", { scope: "row" }, unit), h("td", {}, share(kept)),
        detectors.map(([name, part]) => h("td", {}, `${name} ${share(part)}`))))))),
  ];
}

function share(part) {
  if (part === null || part === undefined) return "–";
  return part > 0 && part < 1e-4 ? part.toExponential(0) : `${(100 * part).toFixed(1)} %`;
}
