// Everything about one file that can be found out without a page: in the worker, or in slices beside the page.

import { readHeader } from './headers.js'
import { NoPdq, pdqOfPhoto } from './photo.js'
import { sha256OfBlob } from './sha256.js'

/**
 * `{kind, sha256, pdq, quality, frames, why}` of a File: what the hidden field holds, and `why` there is no PDQ ('' or
 * the reason of NoPdq; 'video' where the frames are still to come). `told(share)` hears from 0 to 1.
 * Raises AbortError, and NotReadableError where the device takes the file away.
 */
export async function hashOneFile(file, { told = () => {}, breathe = null, signal = null } = {}) {
  const header = await readHeader(file)
  const photo = header.kind === 'photo'
  const sha256 = await sha256OfBlob(file, { signal, told: (share) => told(photo ? share * 0.6 : share) })
  const found = { kind: header.kind, sha256, pdq: '', quality: null, frames: [], why: photo ? '' : header.kind }
  if (!photo) return found
  try {
    const { hex, quality } = await pdqOfPhoto(header, { breathe, signal, told: (share) => told(0.6 + share * 0.4) })
    return { ...found, pdq: hex, quality }
  } catch (fault) {
    if (!(fault instanceof NoPdq)) throw fault
    return { ...found, why: fault.reason }
  }
}
