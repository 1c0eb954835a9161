// The input and the volumes behind it as blocks: as high and deep as their extents, as wide as their channels.

function volumesOfNet() {
  const own = layers.filter((layer) => layer.stored || !layer.from.length || !layer.readers.length);
  const tallest = Math.max(...own.map((layer) => side(layer)), 1);
  let x = 30;
  const blocks = own.map((layer) => {
    const tall = 14 + (side(layer) / tallest) * 100;
    const wide = 6 + 6 * Math.log2(1 + (layer.out.at(-1) ?? 1) / 4);
    const flat = layer.out.length === 1;
    const block = flat ? column(layer, x, 12, 30 + 8 * Math.log2(1 + (layer.out[0] ?? 1))) : column(layer, x, wide, tall);
    x += (flat ? 12 : wide + tall * 0.3) + 30;
    return block;
  });
  follow((layer) => document.querySelectorAll("#volumes [data-layer]").forEach((block) => block.classList.toggle("picked", Number(block.dataset.layer) === layer.index)));
  return [
    h("p", { class: "small soft" }, "The input and what convolutions, pools and fully connected layers make of it: height and depth of a block follow its extents, its width the channels (in steps of two)."),
    h("div", { class: "scroll" }, s("svg", { class: "volumes", id: "volumes", width: x + 30, height: 205, viewBox: `0 0 ${x + 30} 205` }, blocks)),
    ...(data.learned?.images ? [h("h3", {}, "The five best guesses for the example that was chosen"), imageOf(data.learned.images[watched.image]), topFive(data.learned.images[watched.image])] : []),
    h("h3", {}, "Counted"), facts(data.facts),
  ];
}

function side(layer) {
  return layer.out.length > 1 ? Math.sqrt(Math.max(...layer.out.slice(0, -1).map((extent) => extent ?? 32))) : 0;
}

/** A block in a slanting view, its front, lid and side, with its size and name below. */
function column(layer, x, wide, tall) {
  const slant = layer.out.length > 1 ? tall * 0.3 : 6, base = 165, top = base - tall;
  const group = s("g", { "data-layer": layer.index, onclick: () => choose(layer.index, "volumes") },
    s("title", {}, told(layer)),
    s("path", { d: `M${x} ${top}h${wide}v${tall}h${-wide}Z` }),
    s("path", { class: "lid", d: `M${x} ${top}l${slant} ${-slant * 0.6}h${wide}l${-slant} ${slant * 0.6}Z` }),
    s("path", { class: "side", d: `M${x + wide} ${top}l${slant} ${-slant * 0.6}v${tall}l${-slant} ${slant * 0.6}Z` }),
    s("text", { x: x + wide / 2, y: base + 16 }, size(layer.out)),
    s("text", { x: x + wide / 2, y: base + 30 }, layer.path.length > 14 ? `…${layer.path.slice(-13)}` : layer.path));
  group.style.fill = `var(--${layer.family}-fill, var(--cell))`;
  group.style.stroke = `var(--${layer.family}, var(--ink))`;
  for (const text of group.querySelectorAll("text")) { text.style.stroke = "none"; if (text.textContent !== size(layer.out)) text.style.fontSize = "9px"; }
  return group;
}
