// The same work in a thread of its own, so that the page answers while a slow telephone computes.
// In: {number, file} or {number, bitmap, turned}. Out: {number, share} …, then {number, found} or {number, fault}.

import { hashOneFile } from './one_file.js'
import { NoPdq, pdqOfBitmap } from './photo.js'

addEventListener('message', async ({ data }) => {
  const { number, file, bitmap, turned } = data
  let last = 0
  const told = (share) => {
    if (share < 1 && share - last < 0.02) return
    last = share
    postMessage({ number, share })
  }
  try {
    const found = file ? await hashOneFile(file, { told }) : await pdqOfBitmap(bitmap, { turned })
    postMessage({ number, found })
  } catch (fault) {
    postMessage({ number, fault: fault instanceof NoPdq ? fault.reason : 'unreadable' })
  }
})

postMessage({ ready: typeof OffscreenCanvas !== 'undefined' && typeof createImageBitmap !== 'undefined' })
