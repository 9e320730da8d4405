// Wires every [data-hash-offer] (templates/portal/hash_offer.html): files are chosen, pasted or dropped, hashed here, and
// only the hashes are put into the form, each shown and removable before anything is sent. No file is ever in the form:
// the file field has no name and is emptied at once. All words come from the page, so that they are in its language.

import { Hasher } from './hasher.js'
import { MOST_FRAMES } from './video.js'

// The server's limits (portal/domain/hashes.py).
const MOST_FILES = 20
const MOST_FRAMES_IN_ALL = 900
const PASTED_IMAGE = /^\s*data:(image|video)\/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)$/

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
// Below this a PDQ hash finds the wrong pictures, and is not used (matching/domain/lists.py).
const QUALITY = 50
const recognised = ({ pdq, quality, frames }) => {
  if (!pdq && !frames.length) return 'exact'
  return quality >= QUALITY || frames.some((frame) => frame[1] >= QUALITY) ? 'none' : 'plain'
}
const short = (hex) => `${hex.slice(0, 8)}…${hex.slice(-8)}`

class Offer {
  #root
  #list
  #status
  #input
  #hasher
  #rows = new Set()
  #running = 0
  #count = 0

  constructor(root) {
    this.#root = root
    this.#list = root.querySelector('[data-hash-list]')
    this.#status = root.querySelector('[data-hash-status]')
    this.#input = root.querySelector('input[type=file]')
    this.#hasher = new Hasher(root.dataset.worker)
    this.#input.removeAttribute('name')
    this.#input.addEventListener('change', () => {
      const files = [...this.#input.files]
      this.#input.value = ''
      this.take(files)
    })
    for (const field of root.querySelectorAll('input[type=hidden][name=hash]')) this.#adopt(field)
    // A form sent while a file is being hashed would leave without it. Buttons that lead elsewhere skip this.
    root.closest('form')?.addEventListener('submit', (event) => {
      if (!this.#running || event.submitter?.formNoValidate) return
      event.preventDefault()
      this.#say('wait')
      this.#list.querySelector('[data-hash-remove]')?.focus()
    })
    root.querySelector('[data-hash-live]').hidden = false
    for (const without of document.querySelectorAll('[data-hash-without]')) without.hidden = true
    for (const send of document.querySelectorAll('[data-hash-send]')) send.hidden = false
    this.#changed()
  }

  #word(name, values = {}) {
    const template = this.#root.querySelector(`template[data-hash-word="${name}"]`)
    return filled(template?.content.textContent.trim() ?? '', values)
  }

  #say(name, values) {
    this.#status.textContent = this.#word(name, values)
  }

  /** Hash `files`, one after another; what is too many is said, not silently left out. */
  take(files) {
    const free = MOST_FILES - this.#rows.size
    if (files.length > free) this.#say('most', { number: MOST_FILES })
    for (const file of files.slice(0, Math.max(0, free))) this.#hash(file)
    if (free > 0 && files.length) this.#root.scrollIntoView({ block: 'nearest' })
  }

  #newRow() {
    const item = this.#root.querySelector('template[data-hash-row]').content.firstElementChild.cloneNode(true)
    const part = (name) => item.querySelector(`[data-hash-${name}]`)
    const row = { item, part, found: null, stop: new AbortController() }
    this.#count += 1
    row.number = this.#count
    part('remove').addEventListener('click', () => this.#remove(row))
    this.#rows.add(row)
    this.#list.append(item)
    return row
  }

  #name(row, kind) {
    const name = this.#word(kind, { number: row.number })
    row.part('name').textContent = name
    row.part('remove').setAttribute('aria-label', `${this.#word(row.found ? 'remove' : 'stop')}: ${name}`)
    row.part('remove').textContent = this.#word(row.found ? 'remove' : 'stop')
  }

  async #hash(file) {
    const row = this.#newRow()
    const progress = row.part('progress')
    this.#name(row, 'file')
    progress.setAttribute('aria-label', this.#word('file', { number: row.number }))
    progress.hidden = false
    this.#running += 1
    this.#say('working')
    this.#changed()
    try {
      const told = (share) => { progress.value = share }
      const mostFrames = () => Math.min(MOST_FRAMES, MOST_FRAMES_IN_ALL - this.#frames())
      if (!file.size) throw new RangeError('empty')
      const found = await this.#hasher.hash(file, { told, signal: row.stop.signal, mostFrames })
      if (this.#twin(found)) {
        this.#drop(row)
        this.#say('twice')
      } else {
        this.#show(row, found)
      }
    } catch {
      // Stopped by the person, or taken away by the device: nothing of it is kept, and the row says so.
      if (this.#rows.has(row)) this.#failed(row)
    } finally {
      this.#running -= 1
      if (!this.#running && this.#status.textContent === this.#word('working')) this.#say('done')
      this.#changed()
    }
  }

  #frames() {
    return [...this.#rows].reduce((sum, row) => sum + (row.found?.frames.length ?? 0), 0)
  }

  #twin(found) {
    return [...this.#rows].some((row) => row.found?.sha256 === found.sha256)
  }

  #failed(row) {
    row.part('progress').hidden = true
    row.part('why').textContent = this.#word('unreadable')
    row.found = { sha256: '', frames: [] }
    this.#name(row, 'file')
  }

  /** A field that the server wrote back into the page: the list shows it again. */
  #adopt(field) {
    try {
      const found = JSON.parse(field.value)
      field.remove()
      this.#show(this.#newRow(), { why: '', ...found })
    } catch (fault) {
      if (!(fault instanceof SyntaxError)) throw fault
    }
  }

  #show(row, { why, ...found }) {
    row.found = found
    row.part('progress').hidden = true
    this.#name(row, found.kind)
    const lines = [['SHA-256', found.sha256]]
    if (found.pdq) lines.push(['PDQ', found.pdq, `${found.quality}/100`])
    row.part('short').textContent = lines.map(([name, hex]) => `${name} ${short(hex)}`).join('\n')
    if (found.frames.length) row.part('frames').textContent = this.#word('frames', { number: found.frames.length })
    row.part('why').textContent = this.#word(`why-${why || recognised(found)}`)
    const whole = lines.map((line) => line.join(' '))
    for (const [number, quality, hex] of found.frames) whole.push(`PDQ ${number} ${hex} ${quality}/100`)
    row.part('whole').textContent = whole.join('\n')
    row.part('details').hidden = false
    const field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'hash'
    field.value = JSON.stringify(found)
    row.item.append(field)
  }

  #remove(row) {
    const rows = [...this.#rows]
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1]
    this.#drop(row)
    row.stop.abort()
    this.#say('removed')
    this.#changed()
    const target = next?.part('remove') ?? this.#input
    target.focus()
  }

  #drop(row) {
    this.#rows.delete(row)
    row.item.remove()
  }

  #changed() {
    const some = [...this.#rows].some((row) => row.found?.sha256)
    for (const part of this.#root.querySelectorAll('[data-hash-some]')) part.hidden = !some
    this.#root.dispatchEvent(new CustomEvent('hashes', { bubbles: true, detail: { some, running: this.#running > 0 } }))
  }
}

const filesIn = (data) => [...(data?.files ?? [])]

/** A picture that was copied as text (`data:image/…`) is a picture all the same. */
function pictureInText(data) {
  const found = PASTED_IMAGE.exec(data?.getData?.('text/plain') ?? '')
  if (!found) return []
  try {
    return [new Blob([Uint8Array.from(atob(found[2]), (letter) => letter.charCodeAt(0))], { type: `${found[1]}/*` })]
  } catch {
    return []
  }
}

const offers = [...document.querySelectorAll('[data-hash-offer]')].map((root) => new Offer(root))
const first = offers[0]

if (first) {
  // Wherever on the page somebody lets go of a picture, or pastes one: it goes nowhere but through the hasher.
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files')
  for (const name of ['dragenter', 'dragover']) {
    addEventListener(name, (event) => { if (hasFiles(event)) event.preventDefault() })
  }
  const caught = (event, data) => {
    const files = [...filesIn(data), ...pictureInText(data)]
    if (!files.length && !(event.type === 'drop' && hasFiles(event))) return
    event.preventDefault()
    event.stopPropagation()
    first.take(files)
  }
  addEventListener('drop', (event) => caught(event, event.dataTransfer), true)
  addEventListener('paste', (event) => caught(event, event.clipboardData), true)
}
