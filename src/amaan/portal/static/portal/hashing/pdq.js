// PDQ as signalmatch computes it, every rounding the same: signalmatch/docs/pdq.md writes the arithmetic out.
// A store into a Float32Array rounds once, and so does Math.fround: each line below is one operation of f32.
// Rows come in from the top, a strip at a time, so that memory grows with the width alone.

const SIDE = 64
// What red, green and blue weigh in the luminance of the reference, and in that of a high-definition video.
export const WEIGHTS = [0.299, 0.587, 0.114]
export const WEIGHTS_OF_709 = [0.2126, 0.7152, 0.0722]
const BITS = 16
export const SMALLEST_SIDE = 5

/** f32[16 × 64]: rows 1 to 16 of the cosine transform of 64 samples. */
const COSINES = (() => {
  const scale = Math.fround(Math.sqrt(2 / SIDE))
  const step = Math.PI / 2 / SIDE
  const out = new Float32Array(BITS * SIDE)
  for (let i = 0; i < BITS; i += 1) {
    for (let j = 0; j < SIDE; j += 1) out[i * SIDE + j] = scale * Math.cos(step * (i + 1) * (2 * j + 1))
  }
  return out
})()

const windowOf = (length) => Math.floor((length + 127) / 128)
const halfOf = (window) => Math.floor((window + 2) / 2)
const middles = (length) => Int32Array.from({ length: SIDE }, (_, k) => Math.floor(((k + 0.5) * length) / SIDE))

/** How many samples the window at each place has: it is cut off at both ends. */
function countsOf(length, window) {
  const half = halfOf(window)
  const right = (at) => Math.min(length - 1, at + half - 1)
  const left = (at) => Math.max(0, at + half - window)
  return Float32Array.from({ length }, (_, at) => right(at) - left(at) + 1)
}

/** Of one line, the sums of a moving window: what enters is added first, then what leaves is taken away. */
function runningSums(line, length, window, out) {
  const half = halfOf(window)
  const fround = Math.fround
  let total = fround(0)
  let right = 0
  for (; right < half - 1; right += 1) total = fround(total + line[right])
  let at = 0
  for (; right < window && right < length; at += 1, right += 1) {
    total = fround(total + line[right])
    out[at] = total
  }
  for (; right < length; at += 1, right += 1) {
    total = fround(fround(total + line[right]) - line[right - window])
    out[at] = total
  }
  for (; at < length; at += 1, right += 1) {
    if (right >= window) total = fround(total - line[right - window])
    out[at] = total
  }
}

/** Pixels of one picture, from the top to the bottom; then `finish()`. */
export class PdqOfRows {
  #width
  #height
  #across
  #down
  #acrossCounts
  #downCounts
  #columns
  #line
  #sums
  #ring
  #column
  #narrow
  #come = 0
  #done = 0
  #exact
  #weights

  constructor(width, height, weights = WEIGHTS) {
    if (!(width >= SMALLEST_SIDE && height >= SMALLEST_SIDE)) throw new RangeError('PictureTooSmall')
    this.#weights = weights
    this.#width = width
    this.#height = height
    this.#exact = width === SIDE && height === SIDE
    this.#across = windowOf(width)
    this.#down = windowOf(height)
    this.#acrossCounts = countsOf(width, this.#across)
    this.#downCounts = countsOf(height, this.#down)
    this.#columns = middles(width)
    this.#line = new Float32Array(width)
    this.#sums = new Float32Array(width)
    // The pass down needs the row that leaves the window, and no row before that.
    this.#ring = Array.from({ length: this.#down + 1 }, () => new Float32Array(width))
    this.#column = new Float32Array(width)
    this.#narrow = new Float32Array(height * SIDE)
  }

  /** `rgba` (Uint8ClampedArray or Uint8Array) holds whole rows, four bytes a pixel; the fourth is not looked at. */
  push(rgba) {
    const width = this.#width
    const rows = rgba.length / (4 * width)
    if (!Number.isInteger(rows)) throw new RangeError('RowsDoNotFit')
    const [red, green, blue] = this.#weights
    const line = this.#line
    for (let row = 0, p = 0; row < rows; row += 1) {
      for (let c = 0; c < width; c += 1, p += 4) line[c] = rgba[p] * red + rgba[p + 1] * green + rgba[p + 2] * blue
      this.#take()
    }
  }

  /** One row of luminances from 0 to 255 (Uint8Array). */
  pushLuma(row) {
    this.#line.set(row)
    this.#take()
  }

  #take() {
    if (this.#come >= this.#height) throw new RangeError('RowsDoNotFit')
    if (this.#exact) this.#narrow.set(this.#line, this.#come * SIDE)
    else this.#alongAndDown()
    this.#come += 1
  }

  #alongAndDown() {
    const width = this.#width
    const sums = this.#sums
    const counts = this.#acrossCounts
    const slot = this.#ring[this.#come % this.#ring.length]
    runningSums(this.#line, width, this.#across, sums)
    for (let c = 0; c < width; c += 1) slot[c] = sums[c] / counts[c]
    this.#stepDown(this.#come)
  }

  /** The window of the first pass down moves on, so that `right` is the last row in it. */
  #stepDown(right) {
    const width = this.#width
    const column = this.#column
    if (right < this.#height) {
      const entering = this.#ring[right % this.#ring.length]
      for (let c = 0; c < width; c += 1) column[c] += entering[c]
    }
    const left = right - this.#down
    if (left >= 0) {
      const leaving = this.#ring[left % this.#ring.length]
      for (let c = 0; c < width; c += 1) column[c] -= leaving[c]
    }
    const at = right - halfOf(this.#down) + 1
    if (at < 0) return
    const line = this.#line
    const count = this.#downCounts[at]
    for (let c = 0; c < width; c += 1) line[c] = column[c] / count
    runningSums(line, width, this.#across, this.#sums)
    const out = this.#done * SIDE
    for (let j = 0; j < SIDE; j += 1) {
      const c = this.#columns[j]
      this.#narrow[out + j] = this.#sums[c] / this.#acrossCounts[c]
    }
    this.#done += 1
  }

  /**
   * `{hex, quality}`: 64 hexadecimal digits, the most significant first, and 0 to 100. `stretched`: the luminances went
   * from 16 to 235, as in most videos; that moves no coefficient over the median, but quality depends on contrast.
   */
  finish({ stretched = false } = {}) {
    if (this.#come !== this.#height) throw new RangeError('RowsAreMissing')
    const samples = this.#exact ? this.#narrow : this.#lastPass()
    const shown = stretched ? samples.map((value) => Math.min(255, Math.max(0, (value - 16) * (255 / 219)))) : samples
    return { hex: bitsOf(coefficientsOf(samples)), quality: qualityOf(shown) }
  }

  #lastPass() {
    const height = this.#height
    const half = halfOf(this.#down)
    for (let right = height; right < height + half - 1; right += 1) this.#stepDown(right)
    const rows = middles(height)
    const out = new Float32Array(SIDE * SIDE)
    const column = new Float32Array(SIDE)
    let k = 0
    for (let right = 0; right < height + half - 1; right += 1) {
      const left = right - this.#down
      if (right < height) for (let j = 0; j < SIDE; j += 1) column[j] += this.#narrow[right * SIDE + j]
      if (left >= 0) for (let j = 0; j < SIDE; j += 1) column[j] -= this.#narrow[left * SIDE + j]
      // A picture of fewer than 64 rows has some of them twice.
      for (const at = right - half + 1; k < SIDE && rows[k] === at; k += 1) {
        for (let j = 0; j < SIDE; j += 1) out[k * SIDE + j] = column[j] / this.#downCounts[at]
      }
    }
    return out
  }
}

function coefficientsOf(samples) {
  const half = new Float32Array(BITS * SIDE)
  for (let i = 0; i < BITS; i += 1) {
    for (let k = 0; k < SIDE; k += 1) {
      const cosine = COSINES[i * SIDE + k]
      for (let j = 0; j < SIDE; j += 1) half[i * SIDE + j] += Math.fround(cosine * samples[k * SIDE + j])
    }
  }
  const out = new Float32Array(BITS * BITS)
  for (let i = 0; i < BITS; i += 1) {
    for (let j = 0; j < BITS; j += 1) {
      let total = Math.fround(0)
      for (let k = 0; k < SIDE; k += 1) {
        total = Math.fround(total + Math.fround(half[i * SIDE + k] * COSINES[j * SIDE + k]))
      }
      out[i * BITS + j] = total
    }
  }
  return out
}

function bitsOf(coefficients) {
  const median = coefficients.slice().sort()[127]
  let hex = ''
  for (let digit = 63; digit >= 0; digit -= 1) {
    let value = 0
    for (let bit = 3; bit >= 0; bit -= 1) value = value * 2 + (coefficients[digit * 4 + bit] > median ? 1 : 0)
    hex += value.toString(16)
  }
  return hex
}

function qualityOf(samples) {
  const fround = Math.fround
  const step = (a, b) => Math.abs(Math.trunc(fround(fround(fround(a - b) * 100) / 255)))
  let total = 0
  for (let i = 0; i < SIDE; i += 1) {
    for (let j = 0; j < SIDE; j += 1) {
      const here = samples[i * SIDE + j]
      if (i < SIDE - 1) total += step(here, samples[(i + 1) * SIDE + j])
      if (j < SIDE - 1) total += step(here, samples[i * SIDE + j + 1])
    }
  }
  return Math.min(100, Math.floor(total / 90))
}

/** Of a whole picture at once: `rgba` has 4 × width × height bytes. Raises RangeError('PictureTooSmall'). */
export function pdqOfPixels(rgba, width, height) {
  const rows = new PdqOfRows(width, height)
  rows.push(rgba)
  return rows.finish()
}
