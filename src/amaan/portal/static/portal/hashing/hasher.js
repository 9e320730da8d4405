// One file after another: in a worker where the browser has module workers and canvases in them, else in slices
// between which the page answers. Frames of a video are taken by the page (a worker has no <video>) and hashed there.

import { pdqOfFrame } from './frame.js'
import { hashOneFile } from './one_file.js'
import { NoPdq } from './photo.js'
import { framesOfVideo } from './video.js'

const breathe = () => new Promise((resolve) => setTimeout(resolve))

/** The worker's thread, made when first needed and thrown away when stopped: that ends even a running loop. */
class Thread {
  #address
  #worker = null
  #ready = null
  #waiting = new Map()
  #number = 0

  constructor(address) {
    this.#address = address
  }

  /** Whether there is a thread that can draw. */
  usable() {
    this.#ready ??= new Promise((resolve) => this.#start(resolve))
    return this.#ready
  }

  #start(resolve) {
    if (!this.#address || typeof Worker === 'undefined') {
      resolve(false)
      return
    }
    let knowsModules = false
    // A browser that never asks for the type takes the file for an old script.
    const worker = new Worker(this.#address, { get type() { knowsModules = true; return 'module' } })
    if (!knowsModules) {
      worker.terminate()
      resolve(false)
      return
    }
    worker.addEventListener('message', ({ data }) => {
      if ('ready' in data) resolve(data.ready)
      else this.#answer(data)
    })
    worker.addEventListener('error', () => {
      resolve(false)
      this.stop(new NoPdq('unreadable'))
    })
    this.#worker = worker
  }

  #answer({ number, share, found, fault }) {
    const job = this.#waiting.get(number)
    if (!job) return
    if (share !== undefined) {
      job.told(share)
      return
    }
    this.#waiting.delete(number)
    if (found) job.resolve(found)
    else job.reject(new NoPdq(fault))
  }

  ask(message, transferred = [], told = () => {}) {
    return new Promise((resolve, reject) => {
      this.#number += 1
      this.#waiting.set(this.#number, { resolve, reject, told })
      this.#worker.postMessage({ number: this.#number, ...message }, transferred)
    })
  }

  stop(reason) {
    this.#worker?.terminate()
    this.#worker = null
    this.#ready = null
    const jobs = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const job of jobs) job.reject(reason)
  }
}

export class Hasher {
  #thread
  #queue = Promise.resolve()

  /** `worker` is the address of worker.js; empty: everything beside the page. */
  constructor(worker) {
    this.#thread = new Thread(worker)
  }

  /**
   * `{kind, sha256, pdq, quality, frames, why}` of a File, once those before it are done. `why` there is no PDQ or no
   * frame: '' or 'format', 'large', 'small', 'broken', 'protected', 'video', 'other'. `mostFrames()` is asked when it
   * is the file's turn. Raises AbortError, or NoPdq('unreadable') where the device took the file away.
   */
  hash(file, options = {}) {
    const turn = this.#queue.then(() => this.#hash(file, options))
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #hash(file, { told = () => {}, signal = null, mostFrames = () => undefined }) {
    signal?.throwIfAborted()
    const inThread = await this.#thread.usable()
    const stop = () => this.#thread.stop(signal.reason)
    if (inThread) signal?.addEventListener('abort', stop)
    try {
      const part = (share) => told(share * 0.3)
      const found = await this.#withoutFrames(file, inThread, { signal, told: file.type.startsWith('video/') ? part : told })
      if (found.kind !== 'video') return found
      return await this.#withFrames(found, file, inThread, { signal, told: (share) => told(0.3 + share * 0.7), most: mostFrames() })
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  async #withoutFrames(file, inThread, { signal, told }) {
    if (inThread) return this.#thread.ask({ file }, [], told)
    try {
      return await hashOneFile(file, { told, breathe, signal })
    } catch (fault) {
      if (fault.name === 'AbortError') throw fault
      throw new NoPdq('unreadable')
    }
  }

  async #withFrames(found, file, inThread, { signal, told, most }) {
    const here = (frame) => pdqOfFrame(frame, { breathe, signal })
    const there = (frame) => this.#thread.ask({ frame }, [frame.bitmap ?? frame.luma.buffer])
    try {
      const { frames } = await framesOfVideo(file, { hashFrame: inThread ? there : here, most, told, signal })
      return { ...found, frames, why: frames.length ? '' : 'video' }
    } catch (fault) {
      if (!(fault instanceof NoPdq)) throw fault
      return { ...found, why: fault.reason }
    }
  }
}
