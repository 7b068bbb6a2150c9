io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logSays 'BUILD SUCCESS'
    it.logMatches 'Tests run: 1, Failures: 0, Errors: 0, Skipped: 0'
    // The test's own end removed everything: nothing was left for anybody else
    it.logSaysNothingOfOurs()
}
