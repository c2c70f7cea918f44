/** The words that master, workers and web app speak: types and zod schemas, nothing that runs on its own. */
export * from './board-protocol.ts'
export * from './job.ts'
export * from './job-options.ts'
export * from './job-query.ts'
export * from './model.ts'
export * from './problems.ts'
export * from './worker.ts'
export * from './worker-protocol.ts'
