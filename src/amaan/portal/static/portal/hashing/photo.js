// PDQ of a photo that the browser decodes, in bounded memory: the picture is read from a small canvas, strip by strip.

import { PdqOfRows, SMALLEST_SIDE } from './pdq.js'
import { storedColours } from './transparent.js'

// Up to here every pixel is read. A larger picture (a telephone's 50 megapixels) is decoded and handed over reduced, so
// that only this much is held beside the browser's own decoder; the hash moves by a few bits, as in the official tool,
// which reduces every picture to 512 × 512 (docs/explanation/on-device-hashing.md has the measured distances).
export const FULL_PIXELS = 16_000_000
export const REDUCED_PIXELS = 4_000_000
// A cheap telephone's decoder would need 4 bytes for each: past this only the exact file is recognised.
export const MOST_PIXELS = 64_000_000
const STRIP_PIXELS = 1 << 18

/** Why there is no PDQ. `reason` is one of 'format', 'large', 'small', 'broken', 'protected'. */
export class NoPdq extends Error {
  constructor(reason) {
    super(reason)
    this.reason = reason
  }
}

function canvasOf(width, height) {
  let canvas
  if (typeof OffscreenCanvas === 'undefined') {
    canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
  } else {
    canvas = new OffscreenCanvas(width, height)
  }
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new NoPdq('protected')
  context.imageSmoothingEnabled = false
  return context
}

/**
 * Whether this browser gives back what was drawn. Some (Tor Browser) give noise or white, so that no site can tell
 * browsers apart by their canvas; a hash of that would find nothing, or somebody else's picture.
 */
function readsTruly() {
  const colours = [[17, 34, 51], [200, 100, 50], [3, 251, 128], [255, 255, 255], [90, 90, 90], [0, 0, 0]]
  const context = canvasOf(colours.length * 4, 4)
  colours.forEach(([r, g, b], i) => {
    context.fillStyle = `rgb(${r},${g},${b})`
    context.fillRect(i * 4, 0, 4, 4)
  })
  const seen = context.getImageData(0, 0, colours.length * 4, 4).data
  for (let p = 0; p < seen.length; p += 4) {
    const colour = colours[Math.floor((p / 4) % (colours.length * 4) / 4)]
    // Some browsers move a value by one here and there: that moves no hash.
    if (colour.some((value, channel) => Math.abs(value - seen[p + channel]) > 3)) return false
  }
  return true
}

async function decoded(blob, width) {
  const options = { premultiplyAlpha: 'none', colorSpaceConversion: 'none' }
  if (width) Object.assign(options, { resizeWidth: width, resizeQuality: 'medium' })
  try {
    return await createImageBitmap(blob, options)
  } catch {
    throw new NoPdq('broken')
  }
}

// How a picture that is shown turned by so many degrees (clockwise) is drawn as it is stored: a canvas transform.
const BACK = {
  0: () => [1, 0, 0, 1, 0, 0],
  90: (width, height) => [0, -1, 1, 0, 0, height],
  180: (width, height) => [-1, 0, 0, -1, width, height],
  270: (width) => [0, 1, -1, 0, width, 0],
}

/** Rows of the bitmap as `read(top, rows)` → RGBA bytes, from a canvas no larger than a strip. */
function drawnStrips(bitmap, width, height, turned, most) {
  const context = canvasOf(width, most)
  const [a, b, c, d, e, f] = BACK[turned](width, height)
  return (top, rows) => {
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, width, most)
    context.setTransform(a, b, c, d, e, f - top)
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, width, rows).data
  }
}

function isOpaque(rgba) {
  for (let p = 3; p < rgba.length; p += 4) if (rgba[p] !== 255) return false
  return true
}

/** The hash of rows from the top down, or null at the first transparent pixel where `opaque` is asked for. */
async function pdqOfStrips(read, width, height, most, { breathe, told, signal, weights }, opaque) {
  const pdq = new PdqOfRows(width, height, weights)
  for (let top = 0; top < height; top += most) {
    signal?.throwIfAborted()
    const rows = Math.min(most, height - top)
    const strip = read(top, rows)
    if (opaque && !isOpaque(strip)) return null
    pdq.push(strip)
    told?.((top + rows) / height)
    if (breathe) await breathe()
  }
  return pdq.finish()
}

/**
 * `{hex, quality}` of an ImageBitmap, which is closed. `turned`: the degrees by which it is shown turned, which are
 * taken back. `weights` of the colours: the reference's. `breathe`: awaited between strips. Raises NoPdq, AbortError.
 */
export async function pdqOfBitmap(bitmap, { turned = 0, ...options } = {}) {
  let stored = null
  try {
    const across = turned % 180 !== 0
    const width = across ? bitmap.height : bitmap.width
    const height = across ? bitmap.width : bitmap.height
    if (width < SMALLEST_SIDE || height < SMALLEST_SIDE) throw new NoPdq('small')
    if (!readsTruly()) throw new NoPdq('protected')
    const most = Math.max(1, Math.min(height, Math.floor(STRIP_PIXELS / width)))
    const read = drawnStrips(bitmap, width, height, turned, most)
    const found = await pdqOfStrips(read, width, height, most, options, true)
    if (found) return found
    stored = turned ? null : storedColours(bitmap)
    return await pdqOfStrips(stored?.read ?? read, width, height, most, options, false)
  } finally {
    stored?.free()
    bitmap.close()
  }
}

/** `{hex, quality}` of a photo; `header` is what `readHeader` found. Raises NoPdq, AbortError. */
export async function pdqOfPhoto(header, options = {}) {
  const pixels = header.width * header.height
  if (!pixels) throw new NoPdq('format')
  if (pixels > MOST_PIXELS) throw new NoPdq('large')
  if (header.width < SMALLEST_SIDE || header.height < SMALLEST_SIDE) throw new NoPdq('small')
  const reduced = pixels > FULL_PIXELS ? Math.round(header.width * Math.sqrt(REDUCED_PIXELS / pixels)) : 0
  return pdqOfBitmap(await decoded(header.unturned, reduced), options)
}
