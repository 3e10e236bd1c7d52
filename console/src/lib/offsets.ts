/** Where the rows of a long table are, if they have heights of their own. */

/** The top of each row, and after the last one the height of all. */
export function offsetsOf(heights: readonly number[]): Float64Array {
  const offsets = new Float64Array(heights.length + 1);
  heights.forEach((height, index) => (offsets[index + 1] = (offsets[index] ?? 0) + height));
  return offsets;
}

/** The row at a height: the last one that begins there or above. */
export function indexAt(offsets: Float64Array, height: number): number {
  let [low, high] = [0, offsets.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}
