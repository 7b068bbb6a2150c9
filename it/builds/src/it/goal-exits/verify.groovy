io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logMatches 'Tests run: 1, Failures: 0, Errors: 0, Skipped: 0'
    // Maven itself never got to its end
    it.logDoesNotSay 'BUILD '
    it.logMatches 'shmkit: removed 3 objects \\(.*: MMAP_FILE, POSIX_SHM, SYSV_SHM\\) that test JVM 1 of this build left'
}
