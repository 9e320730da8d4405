// The colours of a picture with transparent parts, as they are stored. The reference drops transparency and keeps the
// colours under it; a 2D canvas multiplies them with it and can't give them back. A WebGL texture leaves them alone.

/**
 * `read(top, rows)` → Uint8Array of RGBA rows of `bitmap`, or null where this device has no such texture.
 * Call `free()` of it when done.
 */
export function storedColours(bitmap) {
  const canvas = typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1)
  const gl = canvas.getContext('webgl2') ?? canvas.getContext('webgl')
  if (!gl || Math.max(bitmap.width, bitmap.height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return null
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap)
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, gl.getParameter(gl.TEXTURE_BINDING_2D), 0)
  const free = () => gl.getExtension('WEBGL_lose_context')?.loseContext()
  if (gl.getError() !== gl.NO_ERROR || gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) {
    free()
    return null
  }
  const read = (top, rows) => {
    const out = new Uint8Array(bitmap.width * rows * 4)
    gl.readPixels(0, top, bitmap.width, rows, gl.RGBA, gl.UNSIGNED_BYTE, out)
    return out
  }
  return { read, free }
}
