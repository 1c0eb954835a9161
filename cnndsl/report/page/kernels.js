// The weights that a layer has learned, as numbers: a few of its filters, a few channels of each.

/** The kernels of a layer as [filters, height, width, channels] and their numbers; null where none were given. */
function kernelsOf(layer) {
  const found = data.learned?.kernels?.[layer.index];
  if (!found) return null;
  const floats = (text) => new Float32Array(bytesOf(text).buffer);
  return { shape: found.shape, of: found.of, numbers: floats(found.numbers), bias: floats(found.bias) };
}

/** One filter: of each channel its numbers, row by row, and its bias. */
function kernelOf({ shape: [, height, width, channels], numbers, bias }, filter) {
  const area = height * width;
  return {
    weights: range(channels).map((channel) => range(area).map((cell) => numbers[(filter * area + cell) * channels + channel])),
    bias: bias[filter],
  };
}
