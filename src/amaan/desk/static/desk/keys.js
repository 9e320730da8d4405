// The queue by keyboard. Everything here only presses what the page already offers: without it, nothing is missing.
const table = document.querySelector('table[data-keys]')
const links = table ? [...table.querySelectorAll('tbody th a')] : []

const move = (by) => {
  const here = links.findIndex((link) => link.closest('tr').contains(document.activeElement))
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by
  const link = links[Math.max(0, Math.min(links.length - 1, next))]
  link?.focus()
  link?.closest('tr').scrollIntoView({ block: 'nearest' })
}

const claim = () => {
  const row = document.activeElement?.closest?.('table[data-keys] tbody tr')
  row?.querySelector('button[formaction]')?.click()
}

const help = () => {
  const keys = document.querySelector('details.keys')
  if (!keys) return
  keys.open = !keys.open
  if (keys.open) keys.scrollIntoView({ block: 'nearest' })
}

const deeds = {
  j: () => move(1),
  k: () => move(-1),
  c: claim,
  n: () => document.querySelector('#pull button')?.click(),
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat && !/^Key[JK]$/.test(event.code)) return
  if (event.target.closest?.('input, select, textarea, [contenteditable]')) return
  // An Urdu layout writes other letters: then the key's place on the board counts.
  const typed = event.key.toLowerCase()
  const letter = /^[a-z]$/.test(typed) ? typed : /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase()
  const isHelp = event.key === '?' || event.key === '؟'
  const deed = isHelp ? help : event.shiftKey ? undefined : deeds[letter]
  if (!deed) return
  event.preventDefault()
  deed()
})

if (table && navigator.clipboard) {
  for (const link of links) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'quiet copy-reference'
    button.textContent = table.dataset.copy
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(link.textContent.trim())
      button.textContent = table.dataset.copied
      setTimeout(() => { button.textContent = table.dataset.copy }, 2000)
    })
    link.after(' ', button)
  }
}
