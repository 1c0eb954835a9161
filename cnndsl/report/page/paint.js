// A transposed convolution step by step: every cell of the input paints the filter, times its value, on the output.

class Paint extends Stepper {
  constructor(layer) {
    super(layer, paintsDrawn(layer).map(smallSpread), 1);
    this.steps = product(this.axes.map((axis) => axis.extent));
    this.more = (layers[layer.from[0]].out.at(-1) ?? 1) / (layer.groups || 1) - 1;
    this.fill();
  }

  fill() {
    super.fill(1, 3);
  }

  lead() {
    const own = this.layer.paints, same = (list) => (new Set(list).size === 1 ? list[0] : list.join("x"));
    const column = (index) => same(own.map((spread) => spread[index]));
    const cut = same(own.map((spread) => (spread[4] === spread[5] ? spread[4] : `${spread[4]}+${spread[5]}`)));
    const dilated = own.some((spread) => spread[6] > 1) ? `, dilation ${column(6)}` : "";
    const more = this.more > 0 ? ` ${count(this.more)} more channels are painted over it in the same way.` : "";
    return `Every cell of the input paints the filter, times its value: kernel ${column(2)}, ${column(3)} cells apart, ${cut} cut at the edges${dilated}.${more}`;
  }

  at(step) {
    return [Math.floor(step / this.axes[1].extent), step % this.axes[1].extent];
  }

  /** What a step paints: row and column on the output, edges that are cut included, and what is added there. */
  paints(step) {
    const [down, across] = this.axes, [y, x] = this.at(step);
    return range(down.kernel).flatMap((i) => range(across.kernel).map((j) => ({
      row: y * down.stride + i * down.dilation, column: x * across.stride + j * across.dilation,
      value: this.grids[0][y][x] * this.weights[0][i * across.kernel + j],
    })));
  }

  draw() {
    const [y, x] = this.at(this.step), value = this.grids[0][y][x];
    const [down, across] = this.axes;
    const own = this.paints(this.step);
    const input = matrix("input", down.extent, across.extent, (row, column) =>
      [neat(this.grids[0][row][column]), row === y && column === x ? "win" : "pick", () => this.go(row * across.extent + column)], "slide-input");
    const product = matrix(`${neat(value)} times the filter`, down.kernel, across.kernel, (row, column) => [neat(own[row * across.kernel + column].value), "now"]);
    this.body.replaceChildren(h("div", { class: "grids" }, input, this.kernel(0), product), h("div", { class: "grids" }, this.output(own)), this.told(own));
  }

  /** The output as far as it is painted; around it what is painted and cut. */
  output(own) {
    const [down, across] = this.axes;
    const sums = new Map(), now = new Set(own.map(({ row, column }) => `${row},${column}`));
    for (const step of range(this.step + 1)) for (const { row, column, value } of this.paints(step)) sums.set(`${row},${column}`, (sums.get(`${row},${column}`) ?? 0) + value);
    return matrix(`output so far${this.layer.biased ? `, each with the bias ${neat(this.bias)}` : ""}`, down.canvas, across.canvas, (row, column) => {
      const key = `${row},${column}`;
      const inside = row >= down.low && row < down.low + down.output && column >= across.low && column < across.low + across.output;
      return [inside ? neat((sums.get(key) ?? 0) + this.bias) : "", `${inside ? "" : "pad "}${now.has(key) ? "now" : sums.has(key) ? "in" : "todo"}`];
    }, "slide-output");
  }

  told(own) {
    const times = this.times();
    const [least, most] = [Math.min(...times), Math.max(...times)];
    const cells = own.map(({ row, column }) => [row - this.axes[0].low, column - this.axes[1].low]);
    const side = (axis) => { const found = cells.map((cell) => cell[axis]); return `${Math.min(...found)}..${Math.max(...found)}`.replaceAll("-", "−"); };
    return h("div", { class: "sum" }, h("div", {}, `added to rows ${side(0)}, columns ${side(1)} of the output`),
      h("div", {}, least === most ? `In the end every cell is painted ${least === 1 ? "once" : `${least} times`}: evenly.` : `In the end cells are painted ${least} to ${most} times: unevenly, which can show as a checkerboard.`));
  }

  /** How often the cells away from the edges are painted, of an input without end: a period of them. */
  times() {
    const counts = this.axes.map(({ kernel, stride, dilation }) => range(stride).map((phase) => range(kernel).filter((tap) => (tap * dilation) % stride === phase).length));
    return counts[0].flatMap((down) => counts[1].map((across) => down * across));
  }
}

/** What is painted on the drawn axes; a series has one row. */
function paintsDrawn(layer) {
  const found = layer.paints.map(([extent, output, kernel, stride, low, high, dilation]) => {
    const plain = (extent - 1) * stride - low - high + dilation * (kernel - 1) + 1;
    return { extent, kernel, stride, low, high, dilation, extra: output === null || extent === null ? 0 : output - plain };
  });
  return found.length === 1 ? [{ extent: 1, kernel: 1, stride: 1, low: 0, high: 0, dilation: 1, extra: 0 }, found[0]] : found.slice(-2);
}

/** The same on an axis of a few cells: as many as still leave some output; `canvas` is all that is painted. */
function smallSpread(spread) {
  const least = Math.ceil((spread.low + spread.high - reach(spread) - spread.extra + 1) / spread.stride) + 1;
  const extent = clamp(Math.max(3, least), 1, spread.extent ?? Infinity);
  const canvas = (extent - 1) * spread.stride + reach(spread) + spread.extra;
  return { ...spread, extent, canvas, output: canvas - spread.low - spread.high };
}
