// A small map of a picture that is much taller or wider than its pane: where one is, and a way to go elsewhere.

const map = { box: null, rect: null };

function startMap() {
  const [x, y, wide, tall] = view.whole;
  const long = Math.max(wide / tall, tall / wide) > 1.6;
  if (!long || !view.canvas.clientHeight) return;
  const scale = Math.min(64 / wide, (view.canvas.clientHeight * 0.5) / tall, 0.5);
  const small = s("svg", { viewBox: view.whole.join(" "), preserveAspectRatio: "none", "aria-hidden": "true" }, sketch(), (map.rect = s("rect", { class: "view" })));
  map.box = h("div", { id: "map", title: "Where you are; click to go elsewhere" }, small);
  map.box.style.width = `${Math.max(wide * scale, 14)}px`;
  map.box.style.height = `${tall * scale}px`;
  const go = (event) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const frame = map.box.getBoundingClientRect();
    const seen = (view.box[2] * view.canvas.clientHeight) / view.canvas.clientWidth;
    look(x + ((event.clientX - frame.left) / frame.width) * wide - view.box[2] / 2, y + ((event.clientY - frame.top) / frame.height) * tall - seen / 2, view.box[2]);
  };
  map.box.addEventListener("pointerdown", go);
  map.box.addEventListener("pointermove", go);
  view.canvas.append(map.box);
  look(...view.box);
}

/** The boxes of the layers only, as rectangles of their colours. */
function sketch() {
  const marks = s("g");
  for (const card of view.svg.querySelectorAll(".card")) {
    const box = card.getBBox();
    const root = view.svg.querySelector(".graph").transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
    const rect = s("rect", { x: box.x + root.e, y: box.y + root.f, width: box.width, height: box.height });
    rect.style.fill = `var(--${layers[card.dataset.layers.split(" ")[0]]?.family ?? "output"})`;
    marks.append(rect);
  }
  return marks;
}

function mapView(tall) {
  if (!map.rect) return;
  const [left, top, width] = view.box;
  map.box.hidden = width >= view.whole[2] && tall >= view.whole[3];
  for (const [name, value] of Object.entries({ x: left, y: top, width, height: tall })) map.rect.setAttribute(name, value);
}
