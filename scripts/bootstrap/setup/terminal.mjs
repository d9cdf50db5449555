const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const redrawMs = 100
/** Where nothing can be redrawn, a step that takes longer than the first says so, and again after each of the second. */
const quietMs = 1_000
const repeatMs = 15_000

/** What a person sees of the bootstrap: a line per step, which moves while the step runs when it is on a terminal. */
export function createTerminal({ stream = process.stdout, env = process.env } = {}) {
  const live = Boolean(stream.isTTY) && env.TERM !== 'dumb'
  const coloured = live && !env.NO_COLOR
  const paint = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text)
  const style = { bold: paint('1'), dim: paint('2'), red: paint('31'), green: paint('32'), yellow: paint('33') }
  let current

  const line = (text = '') => {
    current?.clear()
    stream.write(`${text}\n`)
    current?.draw()
  }
  const finish = (mark, text) => {
    current = undefined
    line(`  ${mark} ${text}`)
  }

  return {
    style,
    line,
    warn: (text) => line(`  ${style.yellow('!')} ${text}`),
    /** A step whose program writes to the terminal itself. */
    loudStep(title) {
      const startedAtMs = performance.now()
      line(`  ${style.bold('▸')} ${title}`)
      return { ...endings(title, startedAtMs), update: () => undefined }
    },
    step(title) {
      const startedAtMs = performance.now()
      const display = live ? liveLine({ stream, title, style, startedAtMs }) : plainLines({ title, startedAtMs, line })
      current = display
      const { done, fail } = endings(title, startedAtMs)
      const ended = (end) => (text) => {
        display.end()
        end(text)
      }
      return { update: display.update, done: ended(done), fail: ended(fail) }
    },
  }

  function endings(title, startedAtMs) {
    return {
      done: (text = title) => finish(style.green('✓'), `${text}${style.dim(took(startedAtMs))}`),
      fail: (text = title) => finish(style.red('✗'), `${text}${style.dim(took(startedAtMs))}`),
    }
  }
}

function liveLine({ stream, title, style, startedAtMs }) {
  let detail = ''
  let frame = 0
  const clear = () => stream.write('\r\u001b[K')
  const draw = () => {
    const text = `${title}${detail && `: ${detail}`}${took(startedAtMs)}`
    // A longer line would wrap, and then could not be redrawn.
    clear()
    stream.write(`  ${style.green(frames[frame++ % frames.length])} ${text.slice(0, (stream.columns || 80) - 5)}`)
  }
  draw()
  const timer = setInterval(draw, redrawMs)
  const end = () => {
    clearInterval(timer)
    clear()
  }
  return { clear, draw, end, update: (text) => void (detail = text) }
}

function plainLines({ title, startedAtMs, line }) {
  let detail = ''
  const say = () => line(`    ${title}${detail && `: ${detail}`} …${took(startedAtMs)}`)
  const first = setTimeout(say, quietMs)
  const timer = setInterval(say, repeatMs)
  const end = () => {
    clearTimeout(first)
    clearInterval(timer)
  }
  return { clear: () => undefined, draw: () => undefined, end, update: (text) => void (detail = text) }
}

/** Nothing below a second: that is no news. */
function took(startedAtMs) {
  const seconds = (performance.now() - startedAtMs) / 1000
  if (seconds < 1) return ''
  return seconds < 100
    ? ` (${seconds.toFixed(0)} s)`
    : ` (${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s)`
}
