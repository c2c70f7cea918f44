/** The process behind the command `argus`. */
import { isSystemError } from './exit.ts'
import { run } from './program.ts'

// Whoever reads the output, e.g. `head`, may have seen enough.
process.stdout.on('error', (error) => {
  if (isSystemError(error) && error.code === 'EPIPE') process.exit(0)
  throw error
})

const exit = await run(process.argv.slice(2))
// Connections that close slowly are not waited for; what was printed is.
if (exit !== null) process.stdout.write('', () => process.exit(exit))
