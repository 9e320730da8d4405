// The frames of a video that this browser can play, as vPDQ lists them: one a second, by seeking, without playing it.

import { frameOf } from './frame.js'
import { readTrack } from './mp4.js'

export const MOST_FRAMES = 300
const SECONDS_FOR_OPENING = 20
const SECONDS_FOR_A_SEEK = 10
const MILLISECONDS_TO_SHOW = 500
// Firefox and Chrome answer a seek past the end with the real length, where a recorder wrote none.
const FAR_AWAY = 1e7

class CannotPlay extends Error {}

function happened(element, name, seconds, signal) {
  return new Promise((resolve, reject) => {
    const ended = (settle, value) => {
      clearTimeout(timer)
      element.removeEventListener(name, arrived)
      element.removeEventListener('error', failed)
      signal?.removeEventListener('abort', stopped)
      settle(value)
    }
    const arrived = () => ended(resolve)
    const failed = () => ended(reject, new CannotPlay())
    const stopped = () => ended(reject, signal.reason)
    const timer = setTimeout(failed, seconds * 1000)
    element.addEventListener(name, arrived)
    element.addEventListener('error', failed)
    signal?.addEventListener('abort', stopped)
  })
}

/** Wait until the frame at `to` is shown: `seeked` alone may come while the one before still stands. */
async function seek(video, to, signal) {
  const arrived = happened(video, 'seeked', SECONDS_FOR_A_SEEK, signal)
  let shown = null
  const frame = new Promise((resolve) => {
    shown = resolve
    video.requestVideoFrameCallback?.(resolve)
  })
  video.currentTime = to
  await arrived
  // A page in the background is shown nothing, and a seek inside one frame shows nothing new.
  const enough = setTimeout(shown, video.requestVideoFrameCallback ? MILLISECONDS_TO_SHOW : 50)
  await frame
  clearTimeout(enough)
}

async function open(video, address, signal) {
  const loaded = happened(video, 'loadeddata', SECONDS_FOR_OPENING, signal)
  video.muted = true
  video.playsInline = true
  video.preload = 'auto'
  video.src = address
  video.load()
  await loaded
  if (!video.videoWidth) throw new CannotPlay()
  if (!Number.isFinite(video.duration)) await seek(video, FAR_AWAY, signal)
  if (!Number.isFinite(video.duration)) throw new CannotPlay()
}

/**
 * Which frames: [number, seconds, where to seek]. As published: every frame whose number is a multiple of the whole
 * number of frames in a second. Of a video that would have more than `most`, every second, third … of these, so that
 * it is covered to its end and each one is also in a list of one frame a second. Sound may outlast the `count` frames.
 */
export function framesWanted(duration, { rate, count }, most) {
  const apart = rate >= 1 ? Math.floor(rate) / rate : 1
  const step = Math.max(1, Math.ceil(duration / apart / Math.max(1, most)))
  const out = []
  for (let k = 0; k * apart < duration && out.length < most; k += step) {
    const seconds = k * apart
    const number = rate >= 1 ? k * Math.floor(rate) : k
    if (count && number >= count) break
    // Into the middle of the frame: its very beginning may be rounded to the frame before.
    const inside = Math.min(duration, seconds + (rate >= 1 ? 0.5 / rate : 0.001))
    out.push([number, Math.round(seconds * 1000) / 1000, inside])
  }
  return out
}

/**
 * `{frames: [[number, quality, hex, seconds], …], whole}` of a video file; no frames where the browser can't play it.
 * `whole` says that it was read to its end. `hashFrame(frame)` takes what `frameOf` gives and answers
 * `{hex, quality}`. Raises AbortError, and what `hashFrame` raises.
 */
export async function framesOfVideo(file, { hashFrame, most = MOST_FRAMES, told = () => {}, signal = null }) {
  const frames = []
  if (most < 1) return { frames, whole: false }
  const video = document.createElement('video')
  const address = URL.createObjectURL(file)
  try {
    const track = await readTrack(file)
    await open(video, address, signal)
    const wanted = framesWanted(video.duration, track, most)
    for (const [number, seconds, inside] of wanted) {
      signal?.throwIfAborted()
      await seek(video, inside, signal)
      const { hex, quality } = await hashFrame(await frameOf(video, track.turned))
      frames.push([number, quality, hex, seconds])
      told(frames.length / wanted.length)
    }
    return { frames, whole: true }
  } catch (fault) {
    if (!(fault instanceof CannotPlay || fault?.name === 'InvalidStateError')) throw fault
    return { frames, whole: false }
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(address)
  }
}
