// Zoom and pan of the diagram: its view box moves, so that lines and letters stay sharp.

const view = { whole: null, box: null, svg: null, canvas: null };
const pointers = new Map();

function startZoom() {
  view.canvas = byId("canvas");
  view.svg = view.canvas.querySelector("svg");
  if (!view.svg) return;
  view.whole = view.svg.getAttribute("viewBox").split(" ").map(Number);
  home();
  view.canvas.addEventListener("wheel", wheel, { passive: false });
  for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) view.canvas.addEventListener(name, drag);
  view.canvas.addEventListener("dblclick", (event) => zoomAt(0.5, at(event)));
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => ({ in: () => zoomAt(0.7), out: () => zoomAt(1 / 0.7), fit })[button.dataset.zoom]());
  }
  new ResizeObserver(() => look(...view.box)).observe(view.canvas);
  startMap();
}

/** Shows a part: its left, top, width; the height follows from the canvas. */
function look(left, top, width) {
  const [x, y, wide, tall] = view.whole;
  const shape = view.canvas.clientHeight / Math.max(view.canvas.clientWidth, 1);
  const w = clamp(width, Math.min(60, wide), Math.max(wide, tall / shape) * 1.3);
  const h = w * shape;
  const within = (at, from, all, part) => (part > all ? from - (part - all) / 2 : clamp(at, from - part * 0.3, from + all - part * 0.7));
  view.box = [within(left, x, wide, w), within(top, y, tall, h), w];
  view.svg.setAttribute("viewBox", [view.box[0], view.box[1], w, h].map((number) => number.toFixed(2)).join(" "));
  mapView(h);
}

/** All of the picture. */
function fit() {
  const [x, y, wide, tall] = view.whole;
  look(x, y, Math.max(wide, (tall * view.canvas.clientWidth) / Math.max(view.canvas.clientHeight, 1)) * 1.02);
}

/** The beginning: all of a small picture, the top of a tall one as wide as it is. */
function home() {
  const [x, y, wide, tall] = view.whole;
  const seen = (wide * view.canvas.clientHeight) / Math.max(view.canvas.clientWidth, 1);
  const readable = Math.min(wide, view.canvas.clientWidth * 1.4);
  if (tall < seen * 1.6 && wide < view.canvas.clientWidth * 1.6) fit();
  else look(x + (wide - readable) / 2, y, readable);
}

function at(event) {
  const frame = view.canvas.getBoundingClientRect();
  return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
}

/** Makes what is seen `factor` times as wide, around a point given in shares of the canvas. */
function zoomAt(factor, [x, y] = [0.5, 0.5]) {
  const [left, top, width] = view.box;
  const shape = view.canvas.clientHeight / view.canvas.clientWidth;
  look(left + width * x * (1 - factor), top + width * shape * y * (1 - factor), width * factor);
}

function pan(dx, dy) {
  const scale = view.box[2] / view.canvas.clientWidth;
  look(view.box[0] - dx * scale, view.box[1] - dy * scale, view.box[2]);
}

function wheel(event) {
  event.preventDefault();
  if (event.shiftKey) pan(0, -event.deltaY || -event.deltaX);
  else zoomAt(Math.exp(clamp(event.deltaY, -120, 120) * 0.0022), at(event));
}

/** One finger or the mouse moves the picture, two fingers pull it larger. */
function drag(event) {
  if (event.target.closest("#map")) return;
  if (event.type === "pointerdown") {
    pointers.set(event.pointerId, event);
    view.moved = 0;
    return;
  }
  const before = pointers.get(event.pointerId);
  if (event.type !== "pointermove") {
    pointers.delete(event.pointerId);
    view.canvas.classList.remove("moving");
  } else if (before) {
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    view.moved += Math.abs(dx) + Math.abs(dy);
    const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
    if (other) zoomAt(spread(before, other) / Math.max(spread(event, other), 1), at(event));
    else if (view.moved > 3) pan(dx, dy);
    if (view.moved > 3 && !view.canvas.hasPointerCapture(event.pointerId)) view.canvas.setPointerCapture(event.pointerId);
    view.canvas.classList.toggle("moving", view.moved > 3);
    pointers.set(event.pointerId, event);
  }
}

function spread(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

/** Brings a part of the picture into view, if it is not there: not larger than it is. */
function bring(element) {
  const frame = view.canvas.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  if (box.top > frame.top + 20 && box.bottom < frame.bottom - 20 && box.left > frame.left && box.right < frame.right) return;
  pan(frame.left + frame.width / 2 - (box.left + box.width / 2), frame.top + frame.height / 2 - (box.top + box.height / 2));
}
