// One frame of a video, as signalmatch hashes it: the luma plane as it was coded, where the browser hands it out
// (WebCodecs: over https only), else the picture that it shows, turned back and weighed as the video's colours are.

import { PdqOfRows, SMALLEST_SIDE, WEIGHTS, WEIGHTS_OF_709 } from './pdq.js'
import { NoPdq, pdqOfBitmap } from './photo.js'

const ROWS_AT_ONCE = 128
// From this height on a video that doesn't say is taken for high definition, by players too.
const HIGH_DEFINITION = 720

/** {luma, stride, width, height, shift, fullRange}, or null where there is no plane to be had. */
async function lumaOf(video) {
  if (typeof VideoFrame === 'undefined') return null
  const frame = new VideoFrame(video)
  try {
    // I420, I422P10, NV12 …: the luma comes first. Not RGBX, and not what stays on the graphics card.
    const planes = /^(?:I4\d\d|NV12)A?(?:P(\d\d))?A?$/.exec(frame.format ?? '')
    if (!planes) return null
    const luma = new Uint8Array(frame.allocationSize())
    const [{ offset, stride }] = await frame.copyTo(luma)
    const { width, height } = frame.visibleRect
    const shift = planes[1] ? Number(planes[1]) - 8 : 0
    return { luma, offset, stride, width, height, shift, fullRange: Boolean(frame.colorSpace?.fullRange) }
  } finally {
    frame.close()
  }
}

/** What `pdqOfFrame` takes, of the frame that a <video> shows; `turned` are the degrees by which it shows it turned. */
export async function frameOf(video, turned) {
  const plane = await lumaOf(video)
  if (plane) return plane
  return { bitmap: await createImageBitmap(video), turned, high: video.videoHeight >= HIGH_DEFINITION }
}

/** `{hex, quality}` of a frame; a bitmap is closed. Raises NoPdq, AbortError. */
export async function pdqOfFrame(frame, { breathe = null, signal = null } = {}) {
  if (frame.bitmap) {
    return pdqOfBitmap(frame.bitmap, { turned: frame.turned, weights: frame.high ? WEIGHTS_OF_709 : WEIGHTS, breathe, signal })
  }
  const { luma, offset, stride, width, height, shift, fullRange } = frame
  if (width < SMALLEST_SIDE || height < SMALLEST_SIDE) throw new NoPdq('small')
  const pdq = new PdqOfRows(width, height)
  const wide = shift ? new Uint8Array(width) : null
  for (let row = 0; row < height; row += 1) {
    const from = offset + row * stride
    if (wide) for (let c = 0; c < width; c += 1) wide[c] = (luma[from + 2 * c] | (luma[from + 2 * c + 1] << 8)) >> shift
    pdq.pushLuma(wide ?? luma.subarray(from, from + width))
    if (row % ROWS_AT_ONCE === 0) {
      signal?.throwIfAborted()
      if (breathe) await breathe()
    }
  }
  return pdq.finish({ stretched: !fullRange })
}
