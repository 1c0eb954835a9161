// The arithmetic of a window that slides over a small grid: the same kernel, stride, padding and dilation as the layer's.

const ZERO = { weights: 0, distance: 0, "mean with padding": 0, mean: null, max: null, min: null, median: null, mode: null };

/** A window on the drawn axes: [extent, output, kernel, stride, low, high, dilation]; a series has one row. */
function windowsDrawn(layer) {
  const found = layer.windows.map(([extent, output, kernel, stride, low, high, dilation, over]) => ({ extent, output, kernel, stride, low, high: high + over, dilation }));
  return found.length === 1 ? [{ extent: 1, output: 1, kernel: 1, stride: 1, low: 0, high: 0, dilation: 1 }, found[0]] : found.slice(-2);
}

const reach = (window) => window.dilation * (window.kernel - 1) + 1;

/** The same window on an axis that is just long enough for a few positions. */
function small(window) {
  const wanted = reach(window) <= 3 ? 5 : reach(window) <= 5 ? 4 : 3;
  const positions = Math.min(wanted, window.output ?? wanted);
  const most = window.extent ?? Infinity;
  const extent = clamp((positions - 1) * window.stride + reach(window) - window.low - window.high, 1, most);
  const output = Math.floor((extent + window.low + window.high - reach(window)) / window.stride) + 1;
  return { ...window, extent, output: Math.min(output, positions) };
}

/** Whole numbers that look like a lecture's, the same for the same seed. */
function dice(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (low, high) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + Math.floor((state / 2 ** 32) * (high - low + 1));
  };
}

/** The cells that a position reads, in reading order: row and column of the tap and of the cell, and the value. */
function cellsAt([down, across], grid, [row, column], gathers) {
  return range(down.kernel).flatMap((i) => range(across.kernel).map((j) => {
    const y = row * down.stride + i * down.dilation - down.low, x = column * across.stride + j * across.dilation - across.low;
    const inside = y >= 0 && y < down.extent && x >= 0 && x < across.extent;
    return { i, j, y, x, inside, value: inside ? grid[y][x] : gathers.startsWith("norm") ? 0 : ZERO[gathers] };
  }));
}

/** What the layer makes of the values of one window; `weights` go with the cells, `bias` is added. */
function gather(gathers, cells, weights, bias) {
  const values = cells.map((cell) => cell.value).filter((value) => value !== null).sort((a, b) => a - b);
  const sum = (list) => list.reduce((total, value) => total + value, 0);
  if (gathers === "weights") return sum(cells.map((cell, index) => cell.value * weights[index])) + bias;
  if (gathers === "distance") return sum(cells.map((cell, index) => (cell.value - weights[index]) ** 2));
  if (gathers === "max") return values.at(-1);
  if (gathers === "min") return values[0];
  if (gathers.startsWith("mean")) return sum(values) / values.length;
  if (gathers === "median") return (values[Math.floor((values.length - 1) / 2)] + values[Math.floor(values.length / 2)]) / 2;
  if (gathers === "mode") return mostFrequent(values);
  const power = Number(gathers.split(" ")[1]);
  return sum(values.map((value) => Math.abs(value) ** power)) ** (1 / power);
}

/** The most frequent of sorted values, the smallest of several. */
function mostFrequent(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return values.find((value) => counts.get(value) === most);
}

/** A number in few characters: whole, with two places, or below one with two digits. */
function neat(value) {
  if (value === null || value === undefined) return "";
  const few = Number.isInteger(value) ? value : Number(Math.abs(value) < 1 ? value.toPrecision(2) : value.toFixed(2));
  return String(few).replace(/-/g, "−");
}
