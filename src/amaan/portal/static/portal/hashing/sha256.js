// SHA-256 (FIPS 180-4) a piece at a time. The browser's own `crypto.subtle` wants the whole file in memory, and is
// absent where the page came over plain http (an onion address, a helpline's own network).

const PIECE = 1 << 20

const ROUNDS = new Int32Array(64)
const START = new Int32Array(8)
{
  // The first 32 bits of the fractions of the cube roots and square roots of the first primes, in whole numbers,
  // because no two browsers promise the same `Math.cbrt`.
  const root = (value, power) => {
    let low = 0n
    let high = 1n << 72n
    while (high - low > 1n) {
      const middle = (low + high) >> 1n
      if (middle ** power <= value) low = middle
      else high = middle
    }
    return Number(BigInt.asIntN(32, low))
  }
  let found = 0
  for (let number = 2; found < 64; number += 1) {
    let prime = true
    for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) prime = false
    if (!prime) continue
    ROUNDS[found] = root(BigInt(number) << 96n, 3n)
    if (found < 8) START[found] = root(BigInt(number) << 64n, 2n)
    found += 1
  }
}

export class Sha256 {
  #state = START.slice()
  #words = new Int32Array(64)
  #rest = new Uint8Array(64)
  #held = 0
  #length = 0

  /** Takes `bytes` (Uint8Array) in; they may be changed afterwards. */
  update(bytes) {
    this.#length += bytes.length
    let at = 0
    if (this.#held > 0) {
      at = Math.min(64 - this.#held, bytes.length)
      this.#rest.set(bytes.subarray(0, at), this.#held)
      this.#held += at
      if (this.#held < 64) return
      takeBlocks(this.#state, this.#words, this.#rest, 0, 64)
      this.#held = 0
    }
    const whole = at + (bytes.length - at & ~63)
    takeBlocks(this.#state, this.#words, bytes, at, whole)
    at = whole
    this.#rest.set(bytes.subarray(at))
    this.#held = bytes.length - at
  }

  /** The digest as 64 hexadecimal digits; nothing can be taken in after it. */
  hex() {
    const length = this.#length
    const end = new Uint8Array(this.#held < 56 ? 64 - this.#held : 128 - this.#held)
    end[0] = 0x80
    const view = new DataView(end.buffer)
    view.setUint32(end.length - 8, Math.floor(length / 0x20000000))
    view.setUint32(end.length - 4, (length << 3) >>> 0)
    this.update(end)
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }
}

/** The blocks of 64 bytes from `begin` up to `end`, into `state`; `w` is room for 64 words. */
function takeBlocks(state, w, bytes, begin, end) {
  let h0 = state[0], h1 = state[1], h2 = state[2], h3 = state[3]
  let h4 = state[4], h5 = state[5], h6 = state[6], h7 = state[7]
  for (let at = begin; at < end; at += 64) {
    for (let i = 0, p = at; i < 16; i += 1, p += 4) {
      w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3]
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15]
      const y = w[i - 2]
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0
    }
    let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + one) | 0
      d = c
      c = b
      b = a
      a = (one + two) | 0
    }
    h0 = (h0 + a) | 0
    h1 = (h1 + b) | 0
    h2 = (h2 + c) | 0
    h3 = (h3 + d) | 0
    h4 = (h4 + e) | 0
    h5 = (h5 + f) | 0
    h6 = (h6 + g) | 0
    h7 = (h7 + h) | 0
  }
  state.set([h0, h1, h2, h3, h4, h5, h6, h7])
}

/**
 * The SHA-256 of a File or Blob as hexadecimal digits, never more than `piece` bytes of it in memory.
 * `told(share)` hears from 0 to 1; `signal` stops it (AbortError).
 */
export async function sha256OfBlob(blob, { told = () => {}, signal = null, piece = PIECE } = {}) {
  const sum = new Sha256()
  for (let at = 0; at < blob.size; at += piece) {
    signal?.throwIfAborted()
    sum.update(new Uint8Array(await blob.slice(at, at + piece).arrayBuffer()))
    told(Math.min(1, (at + piece) / blob.size))
  }
  return sum.hex()
}
