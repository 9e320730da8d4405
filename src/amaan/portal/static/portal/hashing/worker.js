// The same work in a thread of its own, so that the page answers while a slow telephone computes.
// In: {number, file} or {number, frame}. Out: {number, share} …, then {number, found} or {number, fault}.

import { pdqOfFrame } from './frame.js'
import { hashOneFile } from './one_file.js'
import { NoPdq } from './photo.js'

addEventListener('message', async ({ data }) => {
  const { number, file, frame } = data
  let last = 0
  const told = (share) => {
    if (share < 1 && share - last < 0.02) return
    last = share
    postMessage({ number, share })
  }
  try {
    const found = file ? await hashOneFile(file, { told }) : await pdqOfFrame(frame)
    postMessage({ number, found })
  } catch (fault) {
    postMessage({ number, fault: fault instanceof NoPdq ? fault.reason : 'unreadable' })
  }
})

postMessage({ ready: typeof OffscreenCanvas !== 'undefined' && typeof createImageBitmap !== 'undefined' })
