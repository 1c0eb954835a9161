// A plane of cells: an input or an output seen from the front, one or two of its axes, in units of cells.

const NAMES = { 1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"] };

/** The axes of a volume that are drawn: the last two; a series is a strip. */
function drawn(extents) {
  return extents.length === 1 ? [null, 0] : [extents.length - 2, extents.length - 1];
}

class Plane {
  /** `extents` are the spatial ones; `margin` cells around the sheet are drawn, too. */
  constructor(extents, margin, label) {
    this.extents = extents;
    this.axes = drawn(extents);
    this.strip = this.axes[0] === null;
    const wide = extents[this.axes[1]] ?? 1;
    this.width = wide;
    this.height = this.strip ? Math.max(wide / 8, 1) : extents[this.axes[0]];
    this.margin = margin;
    const over = this.strip ? Math.min(margin, this.height / 2) : margin;
    this.marks = s("g");
    this.svg = s("svg", { class: "plane", viewBox: `${-margin} ${-over} ${this.width + 2 * margin} ${this.height + 2 * over}`, role: "img", "aria-label": label },
      s("rect", { class: "sheet", width: this.width, height: this.height }), this.mesh(), this.marks);
    this.svg.style.maxHeight = "340px";
  }

  /** Lines between the cells, where there are few. */
  mesh() {
    const lines = s("g");
    if (Math.max(this.width, this.height) > 32) return lines;
    for (const x of range(this.width).slice(1)) lines.append(s("line", { class: "mesh", x1: x, x2: x, y1: 0, y2: this.height }));
    if (!this.strip) for (const y of range(this.height).slice(1)) lines.append(s("line", { class: "mesh", y1: y, y2: y, x1: 0, x2: this.width }));
    return lines;
  }

  /** An image over the sheet, by its address. */
  paint(address) {
    this.marks.before(s("image", { href: address, width: this.width, height: this.height, preserveAspectRatio: "none" }));
  }

  /** Removes what was drawn over the sheet. */
  clear() {
    this.marks.replaceChildren();
  }

  /** A box over the sheet: for each axis of the volume the first and the last cell, or null for all of it. */
  box(bounds, attributes) {
    const side = (axis, all) => {
      const found = axis === null ? null : bounds[axis];
      return found ? [found[0], found[1] - found[0] + 1] : [0, all];
    };
    const [x, width] = side(this.axes[1], this.width), [y, height] = side(this.axes[0], this.height);
    const rect = s("rect", { x, y, width, height, ...attributes });
    this.marks.append(rect);
    return rect;
  }

  /** The cell under the pointer, on the drawn axes; the others are undefined. */
  cell(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    const found = this.extents.map(() => undefined);
    found[this.axes[1]] = clamp(Math.floor(point.x), 0, this.width - 1);
    if (!this.strip) found[this.axes[0]] = clamp(Math.floor(point.y), 0, this.height - 1);
    return found;
  }
}
