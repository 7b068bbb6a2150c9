io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logMatches 'Running scenario.AllKilledTest'
    it.logDoesNotSay 'BUILD FAILURE'
    it.logMatches "shmkit: removed 3 objects \\(.*: MMAP_FILE, POSIX_SHM, SYSV_SHM\\) that test JVM 1 of session ${it.session()}, which is dead, left"
    it.logSays 'BUILD SUCCESS'
}
