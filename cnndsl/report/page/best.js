// What units and classes answer most: patches of the data, and inputs made for them.

function bestOf(layer) {
  const { best, sought } = data.learned;
  const found = best[layer.index], made = sought[layer.index];
  if (!found && !made) {
    const others = range(layers.length).filter((index) => best[index] || sought[index]).map((index) => layers[index].path);
    return [h("p", { class: "soft" }, `The units of ${layer.path} are not looked into${others.length ? `, but those of ${others.join(", ")}` : ""}.`), ...leftOut()];
  }
  const units = range((found?.units ?? made).length).map((unit) => [
    h("h3", {}, `${layer.path}:${unit}`),
    h("div", { class: "examples best" },
      made ? pictured(made[unit], `made for it: ${rounded(made[unit].value)}`) : null,
      found?.units[unit].map((patch) => pictured(patch, `${rounded(patch.value)}, image ${patch.example}`))),
  ]);
  const looked = found ? `Of ${count(found.examples)} images, the places that a unit answers most, cut to what it sees there. ` : "";
  return [h("p", { class: "small soft" }, `${looked}${made ? "The input that was made for a unit raises its mean over all positions." : ""}`), ...units];
}

function idealsOf({ ideals, classes }) {
  if (!ideals?.length) return [];
  return [h("h3", {}, "Inputs that were made for the classes"),
    h("div", { class: "examples best ideals" }, ideals.map((image, index) => pictured(image, `${classes[index]}: ${rounded(image.value)}, from ${rounded(image.start)}`)))];
}

/** What the page of a large net goes without, and how to have it. */
function leftOut() {
  const left = data.learned.left ?? [];
  return left.length ? [h("p", { class: "small soft" }, "The net is large, so these are left out of the page:"), h("pre", { id: "left" }, left.join("\n"))] : [];
}

function pictured(image, text) {
  return h("figure", {}, imageOf(image), h("figcaption", { class: "small" }, text));
}

function rounded(value) {
  return value === null ? "no number" : String(Number(value.toPrecision(3)));
}
