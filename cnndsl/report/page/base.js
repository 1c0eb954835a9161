// Making elements, writing numbers. No text of a program is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (`onclick`) and children (elements or texts; null is left out). */
function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** 1234567 as 1,234,567; an open count as ?. */
function count(number) {
  if (number === null) return "?";
  return String(number ?? 0).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A count in few characters: 25.6 M. */
function short(number) {
  if (number === null || number === undefined) return "?";
  for (const [unit, size] of [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (number >= size) return `${(number / size).toPrecision(3)} ${unit}`;
  }
  return String(number);
}

/** Bytes in the largest binary unit: 58.1 MiB. */
function bytes(number) {
  for (const [unit, size] of [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (number >= size) return `${(number / size).toFixed(1)} ${unit}`;
  }
  return `${number} B`;
}

/** [224, null, 3] as 224x?x3. */
function size(extents) {
  return extents.map((extent) => extent ?? "?").join("x");
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function byId(id) {
  return document.getElementById(id);
}

/** The numbers 0 .. count - 1. */
function range(count) {
  return Array.from({ length: Math.max(count, 0) }, (_, index) => index);
}

function product(numbers) {
  return numbers.reduce((total, number) => total * number, 1);
}
