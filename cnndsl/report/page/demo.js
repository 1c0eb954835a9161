// What the lecture's demonstrations have in common: small grids, steps, and the layer's own weights or whole numbers.

function slideOf(layer) {
  if (layer.windows) return new Slide(layer).parts();
  return layer.paints ? new Paint(layer).parts() : noWindow(layer);
}

function noWindow(layer) {
  const near = layers.filter((other) => other.windows || other.paints).sort((a, b) => Math.abs(a.index - layer.index) - Math.abs(b.index - layer.index))[0];
  return [h("p", {}, `No window slides in ${layer.path}.`),
    near ? h("p", { class: "row" }, h("span", { class: "soft" }, "The nearest layer with one:"), h("button", { type: "button", onclick: () => choose(near.index) }, near.path)) : null];
}

/** A demonstration; a kind of it has `steps`, `lead()`, which says what is shown, and `draw()`, which shows a step. */
class Stepper {
  constructor(layer, axes, depth) {
    this.layer = layer;
    this.axes = axes;
    this.depth = depth;
    this.learned = kernelsOf(layer);
    this.own = Boolean(this.learned);
    this.filter = 0;
    this.step = 0;
    this.seed = layer.index + 1;
    this.body = h("div");
  }

  /** New numbers in the grids, and the weights: learned ones, or small whole ones like a lecture's. */
  fill(least, most, weighs = true) {
    const roll = dice(this.seed);
    const [down, across] = this.axes;
    this.grids = range(this.depth).map(() => range(down.extent).map(() => range(across.extent).map(() => roll(least, most))));
    this.weights = range(this.depth).map(() => range(down.kernel * across.kernel).map(() => (weighs ? roll(-1, 1) : 0)));
    this.bias = this.layer.biased ? roll(0, 1) : 0;
    if (this.own) Object.assign(this, kernelOf(this.learned, this.filter));
  }

  go(step) {
    this.step = (step + this.steps) % this.steps;
    this.slider.value = this.step;
    this.draw();
  }

  parts() {
    this.slider = h("input", { type: "range", id: "slide-step", min: 0, max: this.steps - 1, value: 0, "aria-label": "step" });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    const buttons = [
      h("button", { type: "button", id: "slide-back", onclick: () => this.go(this.step - 1), "aria-label": "step back" }, "‹"), this.player(),
      h("button", { type: "button", id: "slide-next", onclick: () => this.go(this.step + 1), "aria-label": "next step" }, "›"), this.slider,
      h("button", { type: "button", id: "slide-dice", onclick: () => { this.seed += 97; this.refill(); } }, "other numbers"),
    ];
    this.draw();
    return [h("p", { class: "small soft" }, this.lead()), this.learned ? this.choice() : null, h("div", { class: "row" }, buttons), this.body];
  }

  refill() {
    this.fill();
    this.draw();
  }

  player() {
    const play = h("button", { type: "button", id: "slide-play" }, "▶ play");
    play.addEventListener("click", () => {
      if (this.timer) { clearInterval(this.timer); this.timer = null; } else this.timer = setInterval(() => (this.body.isConnected ? this.go(this.step + 1) : clearInterval(this.timer)), 900);
      play.textContent = this.timer ? "❚❚ pause" : "▶ play";
    });
    return play;
  }

  /** Which filter's weights are shown, or whole numbers in their place. */
  choice() {
    const filters = h("select", { id: "slide-filter", "aria-label": "filter" }, range(this.learned.shape[0]).map((filter) => h("option", { value: filter }, `filter ${filter}`)));
    filters.addEventListener("change", () => { this.filter = Number(filters.value); this.refill(); });
    const whole = h("button", { type: "button", id: "slide-whole", "aria-pressed": "false", onclick: () => {
      this.own = !this.own;
      whole.setAttribute("aria-pressed", String(!this.own));
      filters.disabled = !this.own;
      this.refill();
    } }, "whole numbers");
    return h("div", { class: "row" }, h("span", { class: "small" }, "Learned weights of"), filters, h("span", { class: "small soft" }, `of ${count(this.learned.of)}`), whole);
  }

  kernel(channel) {
    const [down, across] = this.axes;
    return matrix(channel === 0 && this.layer.biased ? `filter, bias ${neat(this.bias)}` : "filter", down.kernel, across.kernel,
      (row, column) => [neat(this.weights[channel][row * across.kernel + column]), "tap"]);
  }
}

/** A grid of numbers; `cell(row, column)` gives text, class and what a click does. */
function matrix(title, down, across, cell, id = null) {
  const letters = Math.max(...range(down * across).map((index) => cell(Math.floor(index / across), index % across)[0].length));
  const side = letters > 2 ? 10 + 7 * letters : Math.max(down, across) > 14 ? 18 : 24;
  const shapes = range(down).flatMap((row) => range(across).flatMap((column) => {
    const [text, kind, onclick] = cell(row, column);
    const box = s("rect", { x: column * side, y: row * side, width: side, height: side, class: kind, onclick, "data-at": `${row},${column}` });
    return [box, s("text", { x: (column + 0.5) * side, y: (row + 0.5) * side }, text)];
  }));
  return h("figure", {}, h("figcaption", { class: "caption" }, title),
    s("svg", { class: "grid", id, width: across * side + 2, height: down * side + 2, viewBox: `-1 -1 ${across * side + 2} ${down * side + 2}` }, shapes));
}
