io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logSays 'There are test failures.'
    it.logMatches 'FailingTest.fails:\\d+ as it should'
    it.logMatches 'Tests run: 1, Failures: 1, Errors: 0, Skipped: 0'
    it.logSaysNothingOfOurs()
}
