// Whoever types is at work: while a long form is filled, the sign-in stays open. Nothing of what is typed is sent.
// Without this script, the button that keeps what was written does the same.
const EVERY = 5 * 60 * 1000
let asked = Date.now()
document.querySelector('form.long')?.addEventListener('input', () => {
  if (Date.now() - asked < EVERY) return
  asked = Date.now()
  fetch(location.pathname, { method: 'HEAD' }).catch(() => { asked = 0 })
})
