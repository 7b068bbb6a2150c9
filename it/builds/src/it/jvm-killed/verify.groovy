io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logSays 'The forked VM terminated without properly saying goodbye'
    // Whoever came first, the supervisor or the end of the session, nothing stayed
    it.logDoesNotSay 'shmkit: could not'
}
