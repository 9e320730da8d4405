// What a file is, by its first bytes, before anything is decoded: its kind, how many pixels it will have, and where it
// says that it wants to be turned. PDQ is taken of the picture as it is stored (the reference applies no turning),
// and browsers turn whatever asks for it, so that request is taken out of the copy that the browser decodes.

const WINDOW = 1 << 16
const MOST_PARTS = 400

/** Bytes of a blob by their place, 64 KB at a time. */
class Bytes {
  #blob
  #from = 0
  #held = new Uint8Array(0)

  constructor(blob) {
    this.#blob = blob
  }

  get size() {
    return this.#blob.size
  }

  /** `length` bytes from `at` on (at most 64 KB), fewer at the end of the file. */
  async at(at, length) {
    if (at < this.#from || at + length > this.#from + this.#held.length) {
      const end = Math.min(this.#blob.size, at + Math.max(length, WINDOW))
      this.#held = new Uint8Array(await this.#blob.slice(at, end).arrayBuffer())
      this.#from = at
    }
    return this.#held.subarray(at - this.#from, at - this.#from + length)
  }
}

const text = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to))
const big16 = (b, at) => (b[at] << 8) | b[at + 1]
const big32 = (b, at) => big16(b, at) * 0x10000 + big16(b, at + 2)
const small16 = (b, at) => b[at] | (b[at + 1] << 8)
const small24 = (b, at) => small16(b, at) | (b[at + 2] << 16)

/** The file without some bytes: `edits` are [from, to, bytes that stand there instead], in their order. */
function edited(blob, edits) {
  if (!edits.length) return blob
  const parts = []
  let at = 0
  for (const [from, to, bytes] of edits) {
    parts.push(blob.slice(at, from), bytes)
    at = to
  }
  return new Blob([...parts, blob.slice(at)], { type: blob.type })
}

/** Where the first directory of a TIFF structure holds the turning: [offset of its value, whether big end first]. */
function turningIn(tiff) {
  const bigEnd = tiff[0] === 0x4d
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length)
  if (tiff.length < 14) return null
  const directory = view.getUint32(4, !bigEnd)
  if (directory + 2 > tiff.length) return null
  const entries = view.getUint16(directory, !bigEnd)
  for (let i = 0; i < entries; i += 1) {
    const at = directory + 2 + i * 12
    if (at + 12 > tiff.length) return null
    if (view.getUint16(at, !bigEnd) === 0x0112) return [at + 8, bigEnd]
  }
  return null
}

async function jpeg(bytes) {
  const edits = []
  let at = 2
  for (let part = 0; part < MOST_PARTS; part += 1) {
    const head = await bytes.at(at, 10)
    if (head.length < 10 || head[0] !== 0xff) return null
    const kind = head[1]
    if (kind === 0xff) {
      at += 1
      continue
    }
    const length = big16(head, 2)
    if (kind === 0xe1 && text(head, 4, 8) === 'Exif') {
      const found = turningIn(await bytes.at(at + 10, length - 8))
      if (found) {
        const value = at + 10 + found[0]
        edits.push([value, value + 2, Uint8Array.from(found[1] ? [0, 1] : [1, 0])])
      }
    }
    // Start of frame, but for the three neighbours that are tables.
    if (kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc) {
      return { width: big16(head, 7), height: big16(head, 5), edits }
    }
    at += 2 + length
  }
  return null
}

async function png(bytes) {
  const head = await bytes.at(0, 33)
  const edits = []
  let at = 33
  for (let part = 0; part < MOST_PARTS; part += 1) {
    const chunk = await bytes.at(at, 8)
    if (chunk.length < 8 || text(chunk, 4, 8) === 'IDAT') break
    const end = at + 12 + big32(chunk, 0)
    if (text(chunk, 4, 8) === 'eXIf') edits.push([at, end, new Uint8Array(0)])
    at = end
  }
  return { width: big32(head, 16), height: big32(head, 20), edits }
}

async function webp(bytes) {
  const head = await bytes.at(0, 32)
  const kind = text(head, 12, 16)
  if (kind === 'VP8X') {
    // A flag says that there is Exif further back; without the flag nobody looks for it.
    const edits = head[20] & 8 ? [[20, 21, Uint8Array.of(head[20] & ~8)]] : []
    return { width: small24(head, 24) + 1, height: small24(head, 27) + 1, edits }
  }
  if (kind === 'VP8L') {
    const width = ((head[22] & 0x3f) << 8) | head[21]
    const height = ((head[24] & 0x0f) << 10) | (head[23] << 2) | (head[22] >> 6)
    return { width: width + 1, height: height + 1, edits: [] }
  }
  if (kind !== 'VP8 ') return null
  return { width: small16(head, 26) & 0x3fff, height: small16(head, 28) & 0x3fff, edits: [] }
}

async function gif(bytes) {
  const head = await bytes.at(0, 10)
  return { width: small16(head, 6), height: small16(head, 8), edits: [] }
}

async function bmp(bytes) {
  const head = await bytes.at(0, 26)
  if (head[14] === 12) return { width: small16(head, 18), height: small16(head, 20), edits: [] }
  const view = new DataView(head.buffer, head.byteOffset, head.length)
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)), edits: [] }
}

/** AVIF and HEIC: the largest extent that any item declares (`ispe`). */
async function heif(bytes, format) {
  const head = await bytes.at(0, Math.min(bytes.size, WINDOW))
  const edits = []
  let width = 0
  let height = 0
  for (let at = 4; at + 16 <= head.length; at += 1) {
    if (head[at] !== 0x69) continue
    const name = text(head, at, at + 4)
    if (name === 'ispe' && big32(head, at + 8) * big32(head, at + 12) > width * height) {
      width = big32(head, at + 8)
      height = big32(head, at + 12)
    } else if (name === 'irot' && format === 'AVIF' && big32(head, at - 4) === 9) {
      edits.push([at + 4, at + 5, Uint8Array.of(0)])
    }
  }
  return width ? { width, height, edits } : null
}

const STILL = { avif: 'AVIF', avis: 'AVIF', heic: 'HEIC', heix: 'HEIC', heim: 'HEIC', hevc: 'HEIC', mif1: 'HEIC', msf1: 'HEIC' }

/** [kind, format] by the first bytes: kind is 'photo', 'video' or 'other'. */
export function kindOf(head) {
  const first = big32(head, 0)
  const four = text(head, 0, 4)
  const brand = text(head, 8, 12)
  if (first >>> 8 === 0xffd8ff) return ['photo', 'JPEG']
  if (first === 0x89504e47) return ['photo', 'PNG']
  if (four === 'GIF8') return ['photo', 'GIF']
  if (four === 'RIFF') return brand === 'WEBP' ? ['photo', 'WEBP'] : brand === 'AVI ' ? ['video', 'AVI'] : ['other', '']
  if (text(head, 0, 2) === 'BM' && head.length >= 26) return ['photo', 'BMP']
  if (four === 'II*\0' || four === 'MM\0*') return ['photo', 'TIFF']
  const box = text(head, 4, 8)
  if (box === 'ftyp') return STILL[brand] ? ['photo', STILL[brand]] : brand.startsWith('M4A') ? ['other', ''] : ['video', 'MP4']
  if (box === 'moov' || box === 'mdat' || box === 'wide') return ['video', 'MP4']
  if (first === 0x1a45dfa3) return ['video', 'WEBM']
  const streams = first === 0x000001ba || first === 0x3026b275 || four === 'OggS' || four.startsWith('FLV')
  if (streams || (head[0] === 0x47 && head[188] === 0x47)) return ['video', '']
  return ['other', '']
}

const READERS = { JPEG: jpeg, PNG: png, WEBP: webp, GIF: gif, BMP: bmp, AVIF: heif, HEIC: heif }

/**
 * `{kind, format, width, height, unturned}` of a file. Where a photo's extent can't be read, width and height are 0:
 * then nobody knows how much memory it would take, and it is not decoded. `unturned` is the file without the wish to
 * be turned: a Blob that points into the same bytes.
 */
export async function readHeader(file) {
  const bytes = new Bytes(file)
  const head = await bytes.at(0, 192)
  const [kind, format] = head.length >= 12 ? kindOf(head) : ['other', '']
  const found = kind === 'photo' && READERS[format] ? await READERS[format](bytes, format) : null
  if (!found) return { kind, format, width: 0, height: 0, unturned: file }
  return { kind, format, width: found.width, height: found.height, unturned: edited(file, found.edits) }
}
