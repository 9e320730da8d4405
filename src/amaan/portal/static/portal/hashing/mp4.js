// What an MP4 or QuickTime file says of its picture track, and a <video> element does not tell: how many frames a
// second there are, and by how many degrees a player turns them. Both decide which frames signalmatch would hash, and how.

const MOST_BOXES = 200

async function viewOf(blob, from, length) {
  return new DataView(await blob.slice(from, Math.min(blob.size, from + length)).arrayBuffer())
}

/** The boxes between two places of the file: [name, first byte of the content, end]. */
async function* boxes(blob, from, end) {
  let at = from
  for (let count = 0; count < MOST_BOXES && at + 8 <= end; count += 1) {
    const head = await viewOf(blob, at, 16)
    if (head.byteLength < 8) return
    let size = head.getUint32(0)
    let begin = at + 8
    const name = String.fromCharCode(head.getUint8(4), head.getUint8(5), head.getUint8(6), head.getUint8(7))
    if (size === 1 && head.byteLength === 16) {
      size = Number(head.getBigUint64(8))
      begin += 8
    } else if (size === 0) {
      size = end - at
    }
    if (size < begin - at) return
    yield [name, begin, Math.min(end, at + size)]
    at += size
  }
}

async function childrenOf(blob, [, from, end]) {
  const found = {}
  for await (const box of boxes(blob, from, end)) found[box[0]] ??= box
  return found
}

/** Degrees, clockwise, of the matrix of a track header; null where it does anything but turn. */
function turnOf(header) {
  const at = header.getUint8(0) === 1 ? 52 : 40
  if (header.byteLength < at + 36) return 0
  const [a, b, c, d] = [0, 4, 12, 16].map((offset) => Math.sign(header.getInt32(at + offset)))
  const turns = { '1,0,0,1': 0, '0,1,-1,0': 90, '-1,0,0,-1': 180, '0,-1,1,0': 270 }
  return turns[[a, b, c, d].join()] ?? 0
}

/** Frames a second and how many there are, if all last equally long (the last may not), else zeros. */
async function ratesOf(blob, media, table) {
  const header = await viewOf(blob, media[1], 24)
  const scale = header.getUint32(header.getUint8(0) === 1 ? 20 : 12)
  const times = await viewOf(blob, table[1], 24)
  const runs = times.getUint32(4)
  const delta = runs ? times.getUint32(12) : 0
  const even = runs === 1 || (runs === 2 && times.getUint32(16) === 1)
  return even && delta ? { rate: scale / delta, count: times.getUint32(8) + runs - 1 } : { rate: 0, count: 0 }
}

async function pictureTrack(blob, track) {
  const parts = await childrenOf(blob, track)
  if (!parts.tkhd || !parts.mdia) return null
  const media = await childrenOf(blob, parts.mdia)
  if (!media.hdlr || !media.mdhd || !media.minf) return null
  const kind = await viewOf(blob, media.hdlr[1], 12)
  if (kind.byteLength < 12 || kind.getUint32(8) !== 0x76696465) return null // 'vide'
  const table = (await childrenOf(blob, media.minf)).stbl
  const times = table && (await childrenOf(blob, table)).stts
  const turned = turnOf(await viewOf(blob, parts.tkhd[1], 92))
  return { turned, ...(times ? await ratesOf(blob, media.mdhd, times) : { rate: 0, count: 0 }) }
}

/** `{rate, count, turned}`: frames a second and in all (0: not known, or not even), degrees clockwise. Any other file: 0. */
export async function readTrack(file) {
  const unknown = { rate: 0, count: 0, turned: 0 }
  try {
    for await (const box of boxes(file, 0, file.size)) {
      if (box[0] !== 'moov') continue
      for await (const track of boxes(file, box[1], box[2])) {
        const found = track[0] === 'trak' ? await pictureTrack(file, track) : null
        if (found) return found
      }
    }
  } catch (fault) {
    // A box that ends before it should: then nothing is known of the track, and the player decides.
    if (!(fault instanceof RangeError)) throw fault
  }
  return unknown
}
