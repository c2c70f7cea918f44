/** Upper bounds of the histograms' buckets. */

/** Seconds of a job: 5 ms to 10 minutes. */
export const JOB_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** Seconds of what holds up the master: 0.5 ms to 10 s. */
export const MASTER_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Writes of one commit, of which the committer groups 200 at most. */
export const COMMIT_WRITES = [1, 2, 5, 10, 20, 50, 100, 200]
