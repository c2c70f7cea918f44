/** Python with the packages that the loss-rate harness needs. */
import { spawnSync } from 'node:child_process'

/** Debian's own: another one that comes first in PATH does not see Debian's packages. */
export const PYTHON = '/usr/bin/python3'

/** Modules of loadtest/pyproject.toml and of its tests, with Debian's packages that bring them. */
export const PYTHON_PACKAGES: Readonly<Record<string, string>> = {
  matplotlib: 'python3-matplotlib',
  mypy: 'python3-mypy',
  numpy: 'python3-numpy',
  PIL: 'python3-pil',
  pytest: 'python3-pytest',
  requests: 'python3-requests',
  rich: 'python3-rich',
  scipy: 'python3-scipy',
}

export function hasPythonPackages(): boolean {
  const script = `import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in sys.argv[1:]))`
  return spawnSync(PYTHON, ['-c', script, ...Object.keys(PYTHON_PACKAGES)]).status === 0
}
