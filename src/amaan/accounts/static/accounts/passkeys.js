// What allauth's script reports only to the console, said on the page.
const show = (id) => {
  const element = document.getElementById(id)
  if (element) element.hidden = false
}

document.addEventListener('allauth.error', (event) => {
  event.preventDefault()
  show('passkey-failed')
})

document.addEventListener('DOMContentLoaded', () => {
  // A passkey belongs to a name: browsers offer none at a bare IP address, nor without a secure context.
  const bareAddress = /^[\d.]+$|^\[/.test(location.hostname)
  if (!window.PublicKeyCredential || !window.isSecureContext || bareAddress) {
    show('passkey-unavailable')
    for (const id of ['passkey_login', 'mfa_webauthn_add', 'mfa_webauthn_authenticate', 'mfa_webauthn_reauthenticate']) {
      const button = document.getElementById(id)
      if (button) button.disabled = true
    }
  }
})
